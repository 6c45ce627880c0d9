import type { OpenTunnelParams } from '../sidecar/contract';

/** What a tunnel does for the tools that connect to it: signs them in, with a token of IAM or a secret, or adds TLS alone. */
export type LoginKind = 'iam' | 'secret' | 'tls';

/** The fields of a tunnel that are about its sign-in. */
export type Login = Pick<OpenTunnelParams, 'login' | 'user' | 'secretId' | 'compress' | 'localTls' | 'localPassword'>;

/** Those of a tunnel or a request, and nothing else. */
export const loginOf = ({ login, user, secretId, compress, localTls, localPassword }: Login): Login => ({
  ...(login === undefined ? {} : { login }),
  ...(user === undefined ? {} : { user }),
  ...(secretId === undefined ? {} : { secretId }),
  ...(compress === true ? { compress } : {}),
  ...(localTls === true ? { localTls } : {}),
  ...(localPassword === true ? { localPassword } : {}),
});
