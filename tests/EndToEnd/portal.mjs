// The person in front of the browser: allows what a sign-in page asks for.

/**
 * @param {string} url the page, as the program gave it out: under AWS's name or the local AWS's
 * @param {string} endpoint the local AWS, where the page is
 */
export async function allow(url, endpoint) {
  const { pathname, search } = new URL(url);
  const answer = await fetch(new URL(`${pathname}${search}`, endpoint), {
    method: 'POST',
    body: new URLSearchParams({ decision: 'allow' }),
    redirect: 'manual',
  });
  const next = answer.headers.get('location');
  if (answer.status >= 400) throw new Error(`The page answered ${answer.status}: ${await answer.text()}`);
  // Back to the program that waits on this machine.
  if (next !== null) await fetch(next);
}
