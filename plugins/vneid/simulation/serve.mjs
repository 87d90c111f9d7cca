// Runs the simulation beside a demonstration: PORT, ORIGIN, SECRET and KEYS come from the environment.
import { makeProvider } from './provider.mjs';

const { PORT, ORIGIN, SECRET, KEYS } = process.env;
const issuer = `http://localhost:${PORT}`;
const provider = makeProvider({ issuer, clientId: 'hoitu-demo', clientSecret: SECRET, origin: ORIGIN, keys: KEYS });
provider.listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
// Nobody is left behind when the demonstration ends.
process.stdin.on('end', () => process.exit(0)).resume();
