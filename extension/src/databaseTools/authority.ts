import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const name = 'global-bundle.pem';

/** Where the extension has the authorities of RDS. */
export const packagedAuthority = (extensionPath: string): string => join(extensionPath, 'extension', 'media', name);

/**
 * The file with the authorities of RDS, Redshift and DocumentDB, where it stays through updates of
 * the extension, so that other programs can name it.
 * @param folder is made if it is not there
 */
export async function writeAuthority(extensionPath: string, folder: string): Promise<string> {
  const file = join(folder, name);
  const wanted = await readFile(packagedAuthority(extensionPath));
  const now = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (now?.equals(wanted) === true) return file;
  await mkdir(folder, { recursive: true });
  // Another window may be reading it, or writing it, too.
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, wanted, { mode: 0o644 });
  await chmod(temporary, 0o644);
  await rename(temporary, file);
  return file;
}

/** Whether the file has an authority of RDS for a region: new regions and those of other partitions may be missing. */
export async function hasAuthorityOf(file: string, region: string): Promise<boolean> {
  const certificates = (await readFile(file, 'utf8')).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return certificates.some(each => new RegExp(`CN=.*\\b${region}\\b`).test(new X509Certificate(each).subject));
}
