// The client of `flowc lsp`: starts it, restarts it, and says plainly when it is not there. What flow means, it does not
// know: that is the server's.
import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, type LanguageClientOptions } from "vscode-languageclient/node";

import { expandPath, explainFailure } from "./program";

const SETUP = "Open settings";
const RETRY = "Try again";

let client: LanguageClient | undefined;
let output: vscode.LogOutputChannel;
let trace: vscode.OutputChannel;
/** Starts and stops run one after the other. */
let turn: Promise<void> = Promise.resolve();

export function activate(context: vscode.ExtensionContext): void {
  output = vscode.window.createOutputChannel("flowc", { log: true });
  trace = vscode.window.createOutputChannel("flowc (trace)");
  context.subscriptions.push(
    output,
    trace,
    vscode.commands.registerCommand("flowc.restart", () => inTurn(restart)),
    vscode.commands.registerCommand("flowc.showOutput", () => output.show()),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration("flowc.path") || event.affectsConfiguration("flowc.env")) {
        void inTurn(restart);
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => inTurn(restart)),
  );
  void inTurn(start);
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

function inTurn(work: () => Promise<void>): Promise<void> {
  turn = turn.then(work).catch((error: unknown) => output.error(String(error)));
  return turn;
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function start(): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    output.info("The workspace is not trusted: flowc is not started.");
    return;
  }
  const settings = vscode.workspace.getConfiguration("flowc");
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const cwd = folder?.scheme === "file" ? folder.fsPath : undefined;
  const program = expandPath(settings.get("path", "flowc"), { home: homedir(), workspace: cwd });
  const env = { ...process.env, ...settings.get<Record<string, string>>("env", {}) };

  // The server's own failure to start would be told in terms of pipes.
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], { cwd, env, timeout: 10_000 });
    output.info(`${program}: ${stdout.trim()}`);
  } catch (error) {
    // The answer may take long: the turn is not held for it.
    void tell(explainFailure(program, error));
    return;
  }

  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file", language: "flow" }, { scheme: "untitled", language: "flow" }],
    outputChannel: output,
    traceOutputChannel: trace,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
  };
  const run = { command: program, args: ["lsp"], options: { env, ...(cwd === undefined ? {} : { cwd }) } };
  const starting = new LanguageClient("flowc", "flowc", run, options);
  try {
    await starting.start();
    client = starting;
  } catch (error) {
    await starting.dispose().catch(() => undefined);
    void tell(`\`${program} lsp\` does not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function tell(message: string): Promise<void> {
  output.error(message);
  const choice = await vscode.window.showErrorMessage(message, SETUP, RETRY);
  if (choice === SETUP) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "flowc.path");
  } else if (choice === RETRY) {
    await inTurn(restart);
  }
}
