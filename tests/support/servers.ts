/** Real servers for tests, on free ports of this machine, with their data in a temporary directory. */
import { program } from "./run_program.ts";
import { waitUntil } from "./wait_until.ts";

export interface Server {
  readonly kind: "redis" | "postgres";
  readonly port: number;
  /** The URL of a queue of this name on it. */
  store(queue: string): string;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** True if something answers on a port of this machine. */
export async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Where a program is: on the path, or where Debian puts PostgreSQL's. */
function find(name: string): string | undefined {
  const versions = list("/usr/lib/postgresql").map((version) =>
    `/usr/lib/postgresql/${version}/bin`
  );
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), ...versions];
  return folders.map((folder) => `${folder}/${name}`).find(isThere);
}

function list(path: string): readonly string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** True if the servers for the tests are installed. */
export function isInstalled(kind: Server["kind"]): boolean {
  return find(kind === "redis" ? "redis-server" : "postgres") !== undefined;
}

/** Starts a server of its own for a test, and ends it afterwards. */
export async function withServer<T>(
  kind: Server["kind"],
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const server = kind === "redis" ? await redis() : await postgres();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function redis(): Promise<Server> {
  const directory = await Deno.makeTempDir({ prefix: "queuectl-redis-" });
  const port = freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory];
  return await served(
    { kind: "redis", port, store: (queue) => `redis://127.0.0.1:${port}/0?queue=${queue}` },
    directory,
    {
      program: find("redis-server")!,
      // What is acknowledged is on disk: a killed server has lost nothing.
      args: [...args, "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
      user: undefined,
    },
  );
}

async function postgres(): Promise<Server> {
  const directory = await Deno.makeTempDir({ prefix: "queuectl-postgres-" });
  const port = freePort();
  const user = Deno.uid() === 0 ? someUser() : undefined;
  if (user) await Deno.chown(directory, user.uid, user.gid);
  const data = `${directory}/data`;
  await program(find("initdb")!, ["-D", data, "-A", "trust", "-U", "queuectl", "-N"], user);
  return await served(
    {
      kind: "postgres",
      port,
      store: (queue) => `postgres://queuectl@127.0.0.1:${port}/postgres?queue=${queue}`,
    },
    directory,
    {
      program: find("postgres")!,
      args: ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", directory],
      user,
    },
  );
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL does not run as root. */
function someUser(): User {
  const users = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"));
  const [, , uid, gid] = users.find(([name]) => name === "postgres") ??
    users.find(([name]) => name === "nobody")!;
  return { uid: Number(uid), gid: Number(gid) };
}

interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: User | undefined;
}

async function served(
  about: Pick<Server, "kind" | "port" | "store">,
  directory: string,
  call: Call,
): Promise<Server> {
  let child: Deno.ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = new Deno.Command(call.program, {
      args: [...call.args],
      cwd: directory,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      ...call.user,
    }).spawn();
    await waitUntil(`a ${about.kind} on port ${about.port}`, () => answers(about.port));
    await waitUntil("its answer", () => isReady(about, call.user));
  };
  const end = async (signal: Deno.Signal): Promise<void> => {
    child?.kill(signal);
    await child?.status;
    child = undefined;
  };
  await start();
  return {
    ...about,
    start,
    kill: () => end("SIGKILL"),
    stop: async () => {
      // PostgreSQL waits for its clients at a SIGTERM, and not at this.
      await end(about.kind === "postgres" ? "SIGINT" : "SIGTERM");
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** A server that recovers listens before it answers. */
async function isReady(
  { kind, port }: Pick<Server, "kind" | "port">,
  user: User | undefined,
): Promise<boolean> {
  const [name, args] = kind === "redis"
    ? ["redis-cli", ["-p", String(port), "ping"]] as const
    : ["pg_isready", ["-h", "127.0.0.1", "-p", String(port)]] as const;
  try {
    return !/LOADING/.test(await program(find(name)!, args, user));
  } catch {
    return false;
  }
}
