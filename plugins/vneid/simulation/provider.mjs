// An OpenID provider with the claims of VNeID and invented people: oidc-provider does the protocol.
import { Provider } from 'oidc-provider';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

// Nobody is called so; the numbers have the documented form, 046 stands for Huế.
export const PEOPLE = {
  'cong-dan-2': { acr: 'LoA2', LoaiTaiKhoan: '1', HoVaTen: 'Nguyễn Thị Thử Nghiệm', SoDinhDanh: '046000000001', NgayThangNamSinh: '19880219', IAL: 2 },
  'cong-dan-1': { acr: 'LoA1', LoaiTaiKhoan: '1', HoVaTen: 'Trần Văn Mẫu', SoDinhDanh: '046000000002', NgayThangNamSinh: '1990', IAL: 1 },
  'doanh-nghiep': { acr: 'LoA2', LoaiTaiKhoan: '2', TenDoanhNghiep: 'Công ty TNHH Thử Nghiệm', MaSoThue: '3300000001', MaSoDoanhNghiep: '3300000001', NguoiDaiDien: 'Nguyễn Thị Thử Nghiệm', IAL: 2 },
  'to-chuc': { acr: 'LoA2', LoaiTaiKhoan: '3', HoVaTen: 'Hội Khuyến học Thử Nghiệm', IAL: 2 },
  'khong-so': { acr: 'LoA1', LoaiTaiKhoan: '1', HoVaTen: 'Lê Không Số', IAL: 0 },
};
const CLAIMS = ['SoDinhDanh', 'SoCMND', 'HoVaTen', 'NgayThangNamSinh', 'LoaiTaiKhoan', 'TechID', 'loAs', 'IAL', 'loginIdp',
  'MaSoThue', 'MaSoDoanhNghiep', 'TenDoanhNghiep', 'NguoiDaiDien', 'userProfileUri', 'logoutUri', 'email', 'email_verified'];

// A key stays the same under its name; another name is another key.
export function signingKey(folder, kid) {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${kid}.pem`);
  if (!fs.existsSync(file)) {
    const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    fs.writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  return { ...crypto.createPrivateKey(fs.readFileSync(file)).export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}

export function subjectOf(person) {
  const h = crypto.createHash('sha256').update(`simulation:${person}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

// `origin` is where the installation takes answers; `claimsOf` may change what is told of somebody.
export function makeProvider({ issuer, clientId, clientSecret, origin, keys, kid = 'k1', claimsOf = (claims) => claims }) {
  const bySubject = Object.fromEntries(Object.keys(PEOPLE).map((one) => [subjectOf(one), one]));
  const provider = new Provider(issuer, {
    clients: [{
      client_id: clientId, client_secret: clientSecret,
      redirect_uris: [`${origin}/dang-nhap/ve`, `${origin}/quan-tri/dang-nhap/mot-cua/ve`],
      post_logout_redirect_uris: [`${origin}/dang-xuat/xong`],
      response_types: ['code'], grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'RS256',
    }],
    jwks: { keys: [signingKey(keys, kid)] },
    scopes: ['openid'],
    claims: { openid: ['sub', ...CLAIMS], acr: null, auth_time: null, sid: null, iss: null },
    acrValues: ['LoA1', 'LoA2'],
    pkce: { required: () => true },
    cookies: { keys: [crypto.randomBytes(16).toString('hex')] },
    ttl: { AccessToken: 1800, AuthorizationCode: 60, IdToken: 1800, Interaction: 600, Session: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, form) => {
          ctx.body = page('Đăng xuất', `<p>Bạn có muốn đăng xuất khỏi dịch vụ mô phỏng này không?</p>${form}
<p><button form="op.logoutForm" name="logout" value="yes">Đăng xuất</button></p>`);
        },
      },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(_ctx, id) {
      const person = bySubject[id];
      if (!person) return undefined;
      return { accountId: id, async claims() {
        const { acr, ...told } = PEOPLE[person];
        return claimsOf({ sub: id, TechID: id, loAs: acr, loginIdp: 'BCA', ...told, userProfileUri: `${issuer}/third-party/view-info`, logoutUri: `${issuer}/third-party/logout` }, person);
      } };
    },
    // VNeID asks for no consent of its own.
    async loadExistingGrant(ctx) {
      const { client, session, result } = ctx.oidc;
      const id = result?.consent?.grantId || session.grantIdFor(client.clientId);
      const found = id && await ctx.oidc.provider.Grant.find(id);
      if (found) return found;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    const found = /^\/interaction\/([^/]+)$/.exec(ctx.path);
    if (found && ctx.method === 'GET') {
      await provider.interactionDetails(ctx.req, ctx.res);
      ctx.type = 'html';
      ctx.body = choice();
      return;
    }
    if (found && ctx.method === 'POST') {
      const sent = await new Promise((done) => { let body = ''; ctx.req.on('data', (part) => { body += part; }).on('end', () => done(new URLSearchParams(body))); });
      const who = sent.get('who');
      await provider.interactionDetails(ctx.req, ctx.res);
      const result = PEOPLE[who]
        ? { login: { accountId: subjectOf(who), acr: PEOPLE[who].acr, amr: ['vneid'], remember: false } }
        : { error: 'access_denied', error_description: 'Công dân đã hủy đăng nhập' };
      ctx.status = 303;
      ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false }));
      return;
    }
    await next();
  });
  return provider;
}

function choice() {
  const kinds = { 1: 'công dân', 2: 'doanh nghiệp', 3: 'tổ chức' };
  const buttons = Object.entries(PEOPLE).map(([name, one]) => `<li><button name="who" value="${name}">${one.HoVaTen || one.TenDoanhNghiep}</button> <span>${kinds[one.LoaiTaiKhoan]}, mức ${one.acr.slice(3)}</span></li>`);
  return page('Đăng nhập', `<p>Đây không phải là VNeID. Hãy chọn một người không có thật để đăng nhập thử.</p>
<form method="post"><ul>${buttons.join('\n')}</ul><p><button class="plain" name="who" value="">Hủy</button></p></form>`);
}

function page(title, body) {
  return `<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} – VNeID (mô phỏng)</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}ul{list-style:none;padding:0}li{margin:0 0 1rem}
button{font:inherit;padding:.6rem 1rem;min-height:2.75rem;border:1px solid #8a1c1c;border-radius:.3rem;background:#8a1c1c;color:#fff;cursor:pointer}
button.plain{background:#fff;color:#8a1c1c}li button{display:block;width:100%;text-align:left}button:focus-visible{outline:3px solid #1b1b1b;outline-offset:2px}span{color:#555}
.mark{background:#ffe08a;color:#1b1b1b;padding:.5rem .75rem;border-radius:.3rem}</style></head>
<body><p class="mark"><strong>Mô phỏng</strong> với những người không có thật</p><main><h1>${title}: VNeID (mô phỏng)</h1>${body}</main></body></html>`;
}
