// Signing in with a real browser, which goes to AWS's own names: the page is the local AWS's, the way back is the sidecar's own.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { startEmulator } from '../EndToEnd/emulator.mjs';
import { temporaryFolder } from '../EndToEnd/peers.mjs';
import { eventually } from '../EndToEnd/ports.mjs';
import { ssoProfile } from '../EndToEnd/profiles.mjs';
import { startSidecar } from '../EndToEnd/sidecar.mjs';
import { openBehindProxy, pictures } from './editor.mjs';

describe('The sign-in in a browser', () => {
  /** @type {Awaited<ReturnType<typeof startEmulator>>} */
  let emulator;
  /** @type {Awaited<ReturnType<typeof startSidecar>>} */
  let sidecar;

  before(async () => {
    const home = await temporaryFolder('sign-in');
    await writeFile(`${home}/config`, ssoProfile('work'));
    const certificateAuthority = `${home}/authority.pem`;
    emulator = await startEmulator({ world: true, certificateAuthority });
    sidecar = await startSidecar({
      HOME: home,
      AWS_CONFIG_FILE: `${home}/config`,
      AWS_CA_BUNDLE: certificateAuthority,
      HTTPS_PROXY: emulator.proxy,
      NO_PROXY: '127.0.0.1,localhost',
    });
  });

  after(async () => {
    assert.equal(await sidecar.shutdown(), 0);
    await emulator.stop();
  });

  /** @param {string} flow */
  const begin = async flow => {
    const seen = sidecar.progress.length;
    const signedIn = sidecar.request('sso/signIn', { session: { profile: 'work' }, flow });
    signedIn.catch(() => undefined);
    const asked = () => sidecar.progress.slice(seen).find(({ method }) => method === 'sso/signIn')?.value;
    assert.ok(await eventually(() => asked() !== undefined));
    return { request: asked(), signedIn, browser: await openBehindProxy(asked().url, emulator.proxy) };
  };

  const listed = () => sidecar.request('database/list', { scopes: [{ profile: 'work' }], refresh: true });

  it('comes back to the sidecar with an authorization code (PKCE)', async () => {
    const {
      request,
      signedIn,
      browser: { page, close },
    } = await begin('AuthorizationCode');
    assert.match(request.url, /^https:\/\/oidc\.eu-central-1\.amazonaws\.com\/authorize\?.*code_challenge_method=S256/);
    await page.locator('#allow').click();
    await page.getByText("You're signed in").waitFor();
    await page.screenshot({ path: `${pictures}/signed-in.png` });
    // The code, which is of no use any more, stands in the address; nothing else does.
    assert.match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback\?code=[^&]+&state=[^&]+$/);
    assert.equal((await signedIn).isSignedIn, true);
    await close();
    assert.deepEqual(await listed(), { databases: 5, failures: 0 });
    await sidecar.request('sso/signOut', { session: { profile: 'work' } });
  });

  it('compares a device code', async () => {
    const {
      request,
      signedIn,
      browser: { page, close },
    } = await begin('DeviceCode');
    assert.equal(await page.locator('#code').innerText(), request.userCode);
    await page.locator('#allow').click();
    await page.locator('#done').waitFor();
    assert.equal((await signedIn).isSignedIn, true);
    await close();
    assert.deepEqual(await listed(), { databases: 5, failures: 0 });
    await sidecar.request('sso/signOut', { session: { profile: 'work' } });
  });

  it('can be denied', async () => {
    const {
      signedIn,
      browser: { page, close },
    } = await begin('AuthorizationCode');
    await page.locator('#deny').click();
    await page.getByText('Sign-in was denied').waitFor();
    await assert.rejects(signedIn, /denied in the browser/);
    await close();
  });
});
