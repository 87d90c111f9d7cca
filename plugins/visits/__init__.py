"""Visit counters: how much a site is read, without a cookie, a script or anybody else's service.

What is counted is pages: who read them is nobody's business. A page is counted by the number of its
item or by the fixed part of its address, never with what stands behind a question mark. Visitors
are estimated for one day at a time. A random key of the day turns address and browser into a place
among 65,536; so many thousands of connections share each place that none is told by it, even by
whoever has the key. Key and places are deleted once the day is over; only their number remains.
The address itself is held in memory until the counts are written, some ten seconds, and nowhere
else.

A browser that asks not to be tracked (``Sec-GPC``, ``DNT``) is not estimated at all. Its pages are
counted all the same: that a page was read says nothing of anybody, and is passed on to nobody.
"""
