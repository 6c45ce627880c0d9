/**
 * The start URL of an AWS access portal, from what people copy out of a browser or remember of it:
 * `acme`, `acme.awsapps.com`, `https://acme.awsapps.com/start/#/?tab=accounts`.
 * @returns undefined for what is no such address
 */
export function startUrlOf(text: string): string | undefined {
  const typed = text.trim();
  const address = /^[\w-]+$/.test(typed) ? `${typed}.awsapps.com` : typed;
  let url: URL;
  try {
    url = new URL(/^https?:\/\//i.test(address) ? address.replace(/^http:/i, 'https:') : `https://${address}`);
  } catch {
    return undefined;
  }
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(url.hostname) || url.username !== '' || url.password !== '') return undefined;
  const path = url.pathname.replace(/\/+$/, '').replace(/^\/start\/.*$/, '/start');
  // Portals of newer instances (…portal.eu-central-1.app.aws) have no path.
  return `https://${url.host}${path === '' && url.hostname.endsWith('.awsapps.com') ? '/start' : path}`;
}

/** The region that a start URL names; undefined for most. */
export const regionOfStartUrl = (startUrl: string): string | undefined => /\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(startUrl)?.[1];
