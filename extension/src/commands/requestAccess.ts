import * as vscode from 'vscode';
import type { OpenTunnelParams, Tunnel } from '../sidecar/contract';
import type { Services } from '../services';
import { identityOf, problemOfField } from '../workspace/entries';
import { back, input } from '../ui/steps';
import { openAndShow } from './openTunnel';
import { requestOf } from '../state/requests';

/** Asks why, and opens a tunnel, again if it is open, so that it requests access to its jump host: once, since that is what its user has agreed to. */
export async function requestAccess(services: Services, of: Tunnel | OpenTunnelParams): Promise<void> {
  const request = requestOf(services, of);
  const why = await input({
    title: vscode.l10n.t('Request access to the jump host'),
    prompt: vscode.l10n.t(
      'Why do you need access? Approvers in your organization read this. It works only if your organization grants access just in time (AWS Systems Manager).',
    ),
    ...(request.requestAccess === undefined ? {} : { value: request.requestAccess }),
    problem: text => problemOfField('requestAccess', text),
  });
  if (why === undefined || why === back) return;
  const asking = { ...request, requestAccess: why };
  const open = 'id' in of ? of : services.tunnels.all.find(({ id }) => isOf(services, id, request));
  if (open === undefined) {
    await openAndShow(services, asking);
    return;
  }
  const { id, localPort } = open;
  await services.sidecar.request('tunnel/close', { id });
  await openAndShow(
    services,
    { ...asking, localPort },
    { instead: { of: { ...request, localPort, openNow: false }, onOpened: () => Promise.resolve() } },
  );
}

function isOf({ tunnels }: Services, id: string, request: OpenTunnelParams): boolean {
  const known = tunnels.requestOf(id);
  return known !== undefined && identityOf(known) === identityOf(request);
}
