// A page opened in a browser without a driver: it tells a server here what it found.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";

const LIMIT = 90_000; // milliseconds until a browser is given up
const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".bmp": "image/bmp",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Browsers to try: a variable that names the program, and the names that it has otherwise. */
export const BROWSERS = {
  chromium: {
    variable: "CHROMIUM",
    names: ["chromium", "chromium-browser", "google-chrome"],
    options: (profile) => [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`,
    ],
  },
  firefox: {
    variable: "FIREFOX",
    names: ["firefox-esr", "firefox"],
    options: (profile) => ["--headless", "--no-remote", "--profile", profile],
  },
};

/** The program of a browser, or null where it is not installed. */
export function programOf({ variable, names }) {
  if (process.env[variable]) return process.env[variable];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return found.find((file) => existsSync(file)) ?? null;
}

/**
 * Serves a folder, and `data` as JSON under /data.json; answers come to /told. After a PUT only
 * they do: the connection of all else is cut.
 */
export async function serve(root, data) {
  const told = deferred();
  let away = false;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    if (request.method === "POST") {
      const parts = [];
      for await (const part of request) parts.push(part);
      told.resolve(JSON.parse(Buffer.concat(parts).toString()));
      response.end();
    } else if (request.method === "PUT") {
      away = true;
      response.end();
    } else if (away) {
      response.destroy();
    } else if (path === "/data.json") {
      response.setHeader("content-type", "application/json").end(JSON.stringify(data));
    } else {
      sendFile(new URL(path.endsWith("/") ? `.${path}index.html` : `.${path}`, root), response);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { told: told.promise, server, home: `http://127.0.0.1:${server.address().port}` };
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

function sendFile(file, response) {
  try {
    response.setHeader("content-type", TYPES[extname(file.pathname)] ?? "application/octet-stream");
    response.end(readFileSync(file));
  } catch {
    response.writeHead(404).end();
  }
}

/** Opens `path` of a folder in a browser and returns what the page posts, within `limit` ms. */
export async function ask(browser, root, path, data, limit = LIMIT) {
  const { told, server, home } = await serve(root, data);
  const profile = mkdtempSync(join(tmpdir(), "tcs-profile-"));
  const options = [...browser.options(profile), home + path];
  const child = spawn(programOf(browser), options, { stdio: "ignore", detached: true });
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${limit / 1000} s`)), limit);
    child.once("error", reject);
  });
  try {
    return await Promise.race([told, late]);
  } finally {
    clearTimeout(timer);
    await end(child);
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

// The browser and the processes that it started, which are a group of their own.
async function end(child) {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, "SIGKILL");
  await gone;
}
