// Questions that follow on each other: numbered, with a way back from each.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { back as backButton, fakeEditor } from './fake-editor.mjs';
import { load } from './load.mjs';

const { walk, back, skipped } = await load('ui/steps', fakeEditor().vscode);

/** Questions that take their answers from a list. @param {any[]} answers */
function interview(answers) {
  /** @type {string[]} */
  const asked = [];
  const question =
    (/** @type {string} */ name) =>
    (
      /** @type {object} */ known,
      /** @type {{ step: number, totalSteps: number, canGoBack: boolean }} */ { step, totalSteps, canGoBack },
    ) => {
      asked.push(`${name} ${step}/${totalSteps}${canGoBack ? ' back' : ''} ${JSON.stringify(known)}`);
      const answer = answers.shift();
      return Promise.resolve(typeof answer === 'string' ? { [name]: answer } : answer);
    };
  return { asked, question };
}

describe('Steps', () => {
  it('are numbered, and end with all answers', async () => {
    const { asked, question } = interview(['x', 'y']);
    assert.deepEqual(await walk({}, [question('a'), question('b')]), { a: 'x', b: 'y' });
    assert.deepEqual(asked, ['a 1/2 back {}', 'b 2/2 back {"a":"x"}']);
  });

  it('go back to the question before, with what was known then', async () => {
    const { asked, question } = interview(['x', back, 'z', 'y']);
    assert.deepEqual(await walk({}, [question('a'), question('b')]), { a: 'z', b: 'y' });
    assert.deepEqual(
      asked.map(each => each.slice(0, 1)),
      ['a', 'b', 'a', 'b'],
    );
    assert.equal(asked[2], 'a 1/2 back {}');
  });

  it('pass over a question that needs no answer, in both directions, and do not count it', async () => {
    const { asked, question } = interview(['x', skipped, back, 'z', skipped, 'y']);
    assert.deepEqual(await walk({}, [question('a'), question('b'), question('c')]), { a: 'z', c: 'y' });
    assert.deepEqual(
      asked.map(each => each.slice(0, 5)),
      ['a 1/3', 'b 2/3', 'c 2/2', 'a 1/3', 'b 2/3', 'c 2/2'],
    );
  });

  it('lead from the first one to the caller, unless there is nothing before it', async () => {
    assert.equal(await walk({}, [interview([back]).question('a')]), back);
    const { asked, question } = interview(['x']);
    await walk({}, [question('a')], { canLeave: false });
    assert.deepEqual(asked, ['a 1/1 {}']);
  });

  it('end when they are given up', async () => {
    assert.equal(await walk({}, [interview(['x']).question('a'), interview([undefined]).question('b')]), undefined);
  });
});

describe('A profile for somebody who has none', () => {
  it('takes an address as people type it, and defaults that are values', async () => {
    const editor = fakeEditor();
    const { createProfile } = await load('dialogs/createProfile', { ...editor.vscode, ProgressLocation: {}, CancellationError: Error });
    /** @type {[string, any][]} */
    const asked = [];
    const answers = /** @type {Record<string, any>} */ ({
      'sso/listAccounts': { accounts: [{ accountId: '111122223333', accountName: 'Acme Production' }] },
      'sso/listRoles': { roleNames: ['Admin', 'Developer'] },
      'profile/list': { profiles: [{ name: 'acme-production-developer' }], ssoSessions: [], problems: [] },
      'profile/create': { name: 'made' },
    });
    const services = {
      sidecar: {
        request: (/** @type {string} */ method, /** @type {any} */ params) => {
          asked.push([method, params]);
          return Promise.resolve(answers[method]);
        },
      },
    };
    /** @type {string[]} */
    const steps = [];
    let roles = 0;
    editor.user.pick = ({ items, step, totalSteps, placeholder }) => {
      steps.push(`${String(step)}/${String(totalSteps)}`);
      if (placeholder !== 'Choose a role') return items[0];
      return roles++ === 0 ? backButton : items[1];
    };
    editor.user.type = ({ prompt, value, step, totalSteps }) => {
      steps.push(`${String(step)}/${String(totalSteps)}`);
      return prompt.startsWith('Start URL') ? 'acme.awsapps.com' : value;
    };
    assert.deepEqual(await createProfile(services, []), { name: 'made' });
    assert.deepEqual(asked.at(-1), [
      'profile/create',
      {
        name: 'acme-production-developer-2',
        sso: { startUrl: 'https://acme.awsapps.com/start', region: 'us-east-1' },
        accountId: '111122223333',
        roleName: 'Developer',
        region: 'us-east-1',
      },
    ]);
    assert.deepEqual(steps, ['1/6', '2/6', '3/6', '4/6', '3/6', '4/6', '5/6', '6/6']);
    assert.ok(!asked.some(([method]) => method === 'sso/signIn'), 'who is signed in already is not sent to the browser');
  });
});

describe('A start URL', () => {
  it('is completed', async () => {
    const { startUrlOf, regionOfStartUrl } = await load('dialogs/startUrl');
    for (const [typed, expected] of [
      ['https://acme.awsapps.com/start', 'https://acme.awsapps.com/start'],
      ['acme.awsapps.com', 'https://acme.awsapps.com/start'],
      ['acme', 'https://acme.awsapps.com/start'],
      ['http://acme.awsapps.com/start/', 'https://acme.awsapps.com/start'],
      [' https://acme.awsapps.com/start/#/?tab=accounts ', 'https://acme.awsapps.com/start'],
      ['d-9067012345.awsapps.com/start#/', 'https://d-9067012345.awsapps.com/start'],
      ['ACME.awsapps.com/start', 'https://acme.awsapps.com/start'],
      ['https://ssoins-72234.portal.eu-central-1.app.aws', 'https://ssoins-72234.portal.eu-central-1.app.aws'],
      [
        'https://start.us-gov-west-1.us-gov-home.awsapps.com/directory/acme',
        'https://start.us-gov-west-1.us-gov-home.awsapps.com/directory/acme',
      ],
      ['https://start.home.awsapps.cn/directory/acme/', 'https://start.home.awsapps.cn/directory/acme'],
    ])
      assert.equal(startUrlOf(typed), expected, typed);
    for (const typed of [
      'not an address',
      '',
      'https://',
      'ftp://acme.awsapps.com',
      'https://user:secret@acme.awsapps.com/start',
      'a..b',
      'https://acme/start',
    ])
      assert.equal(startUrlOf(typed), undefined, typed);
    assert.equal(regionOfStartUrl('https://ssoins-72234.portal.eu-central-1.app.aws'), 'eu-central-1');
    assert.equal(regionOfStartUrl('https://acme.awsapps.com/start'), undefined);
  });
});
