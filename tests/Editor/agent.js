// What stands for an AI agent, inside the extension host: it calls the editor's tools, as another extension may, for whoever asks on AGENT_PORT.
const { createServer } = require('node:http');
const vscode = require('vscode');

/** @param {{ tool?: string, input?: object, setting?: [string, unknown] }} asked @param token cancelled when nobody waits any longer */
async function answer({ tool, input, setting }, token) {
  if (setting !== undefined) {
    await vscode.workspace.getConfiguration().update(setting[0], setting[1], vscode.ConfigurationTarget.Global);
    return {};
  }
  if (tool === undefined) return { tools: vscode.lm.tools.map(({ name }) => name) };
  try {
    const { content } = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined }, token);
    return { answer: content.map(({ value }) => value).join('') };
  } catch (error) {
    return { error: error.message };
  }
}

exports.activate = () => {
  createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', text => {
      body += text;
    });
    const source = new vscode.CancellationTokenSource();
    response.on('close', () => {
      source.cancel();
    });
    request.on('end', async () => {
      response.end(JSON.stringify(await answer(JSON.parse(body), source.token)));
    });
  }).listen(Number(process.env.AGENT_PORT), '127.0.0.1');
};
