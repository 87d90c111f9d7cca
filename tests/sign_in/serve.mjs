// The simulation, with faults a test asks for: POST /faults sets them, as JSON; {} ends them.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { makeProvider, signingKey } from './provider.mjs';

const { PORT, ORIGIN, KEYS, KID = 'k1', CLIENT, SECRET, ENVELOPE } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
let faults = {};
const asked = {};
const provider = makeProvider({
  issuer, clientId: CLIENT, clientSecret: SECRET, origin: ORIGIN, keys: KEYS, kid: KID,
  claimsOf: (claims) => ({ ...claims, ...faults.claims }),
});
const key = signingKey(KEYS, KID);

// The id token again with other claims or header, signed with the provider's key or with another.
function resigned(token, { set = {}, header = {}, foreign = false, skew = 0, alg }) {
  const [h, p] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  const payload = { ...p, iat: p.iat + skew, exp: p.exp + skew, ...set };
  for (const name of Object.keys(set)) if (set[name] === null) delete payload[name];
  const head = { ...h, ...header, ...(alg ? { alg } : {}) };
  const text = [head, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  if (alg === 'none') return `${text}.`;
  if (alg === 'HS256') return `${text}.${crypto.createHmac('sha256', SECRET).update(text).digest('base64url')}`;
  const own = foreign ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : crypto.createPrivateKey({ key, format: 'jwk' });
  return `${text}.${crypto.sign('sha256', Buffer.from(text), own).toString('base64url')}`;
}

// AES in ECB mode under a key for RSA, as the encrypted kind of the service writes.
function envelope(text) {
  const secret = crypto.randomBytes(16);
  const cipher = crypto.createCipheriv('aes-128-ecb', secret, null);
  const padding = crypto.constants.RSA_PKCS1_PADDING;
  return {
    data: Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64'),
    key: crypto.publicEncrypt({ key: fs.readFileSync(ENVELOPE), padding }, secret).toString('base64'),
  };
}

provider.use(async (ctx, next) => {
  if (ctx.path === '/faults') {
    const sent = await new Promise((done) => { let body = ''; ctx.req.on('data', (part) => { body += part; }).on('end', () => done(body)); });
    if (ctx.method === 'POST') faults = JSON.parse(sent);
    ctx.body = asked;
    return;
  }
  asked[ctx.path] = (asked[ctx.path] || 0) + 1;
  const fault = faults[ctx.path] || {};
  if (fault.delay) await new Promise((done) => { setTimeout(done, fault.delay); });
  if (fault.status) { ctx.status = fault.status; ctx.body = fault.body ?? 'out of order'; if (fault.location) ctx.set('location', fault.location); return; }
  await next();
  if (fault.merge) ctx.body = { ...(typeof ctx.body === 'string' ? JSON.parse(ctx.body) : ctx.body), ...fault.merge };
  if (fault.huge) { ctx.body = { ...(typeof ctx.body === 'string' ? JSON.parse(ctx.body) : ctx.body), padding: 'x'.repeat(fault.huge) }; }
  if (fault.drop) for (const name of fault.drop) delete ctx.body[name];
  if (fault.token && ctx.body?.id_token) ctx.body = { ...ctx.body, id_token: resigned(ctx.body.id_token, fault.token) };
  if (fault.drip) {
    const text = typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body);
    ctx.body = Readable.from((async function* letters() {
      for (const letter of text) { yield letter; await new Promise((done) => { setTimeout(done, fault.drip); }); }
    })());
    ctx.length = Buffer.byteLength(text);
  }
  if (!ENVELOPE) return;
  if (ctx.path === '/token' && ctx.status === 200) { const { id_token, ...rest } = ctx.body; ctx.body = envelope(JSON.stringify(rest)); }
  if (ctx.path === '/me' && ctx.status === 200) {
    const told = typeof ctx.body === 'string' ? JSON.parse(ctx.body) : ctx.body;
    ctx.body = envelope(JSON.stringify({ citizenPid: told.SoDinhDanh, fullName: told.HoVaTen, birthDate: told.NgayThangNamSinh, accountType: told.LoaiTaiKhoan, accountLevel: told.IAL }));
    ctx.type = 'json';
  }
  const location = ctx.response.get('location');
  if (location && location.includes('code=')) {
    // The service leaves the signs + of its base64 as they are.
    const url = new URL(location);
    const sealed = envelope(url.searchParams.get('code'));
    ctx.set('location', `${url.origin}${url.pathname}?code=${sealed.data}&encrypt_key=${sealed.key}&state=${encodeURIComponent(url.searchParams.get('state'))}`);
  }
});
provider.listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
process.stdin.on('end', () => process.exit(0)).resume();
