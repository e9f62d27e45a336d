// Where `flowc` is, and what to say when it is not there. Knows nothing of the editor, so that it can be tested without it.

/** What the variables in a path stand for. */
export interface Places {
  home: string;
  /** The first folder of the workspace, where there is one on disk. */
  workspace?: string | undefined;
}

/** The setting `flowc.path` with `~` and `${workspaceFolder}` put in; empty means `flowc`. */
export function expandPath(setting: string, places: Places): string {
  const path = setting.trim() || "flowc";
  const home = path === "~" || path.startsWith("~/") ? places.home + path.slice(1) : path;
  return home.replaceAll("${workspaceFolder}", () => places.workspace ?? ".");
}

/** Why `PROGRAM --version` failed, and what to do. */
export function explainFailure(program: string, error: unknown): string {
  const { code, killed, message } = error as { code?: unknown; killed?: boolean; message?: string };
  if (code === "ENOENT") {
    return `flowc was not found: there is no program "${program}". Install flowc, or set "flowc.path" to where it is.`;
  }
  if (code === "EACCES") {
    return `"${program}" may not be run. Set "flowc.path" to the flowc program itself, and make it executable.`;
  }
  if (killed === true) {
    return `"${program} --version" did not answer within ten seconds. Is "flowc.path" the flowc program?`;
  }
  return `"${program} --version" failed: ${message ?? String(error)}. Is "flowc.path" the flowc program?`;
}
