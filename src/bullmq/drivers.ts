/** How BullMQ talks to each kind of server; only the driver that is needed is loaded. */
import {
  assertSchemaCompatibility,
  type BackendFactory,
  createIORedisClient,
  createPostgresBackend,
  createRedisBackend,
  DEFAULT_SCHEMA,
  type IQueueBackend,
  LATEST_SCHEMA_VERSION,
  type RedisClient,
  RedisConnection,
  type RedisOptions,
  runMigrations,
  SchemaMigrationRequiredError,
} from "bullmq";
import type { PoolClient } from "pg";
import { QueueError } from "../model/errors.ts";

export interface Driver {
  readonly factory: BackendFactory<IQueueBackend, object>;
  /** What BullMQ is given to connect with. */
  readonly connection: object;
  /** Makes the server ready for BullMQ. */
  prepare(): Promise<void>;
  close(): Promise<void>;
}

/** How often a connection is tried before the first one is given up. */
const FIRST_TRIES = 3;

/** The longest pause before a lost connection is tried again, in milliseconds. */
const RETRY_MS = 1_000;

/** A connection that takes longer is given up, in milliseconds. */
const CONNECT_MS = 5_000;

/** A server that says nothing for longer is taken for gone, in milliseconds. */
const SILENCE_MS = 15_000;

/** The most connections of a process for short questions, and those that listen. */
const POOL = 6;

/** The servers that have answered: a connection to one of these is not given up any more. */
const reached = new Set<string>();

/** @param url `redis://` or `rediss://` */
export async function redisDriver(url: string): Promise<Driver> {
  const { Redis } = await import("ioredis");
  RedisConnection.clientFactory = ({ url: given = "", ...options }: RedisOptions): RedisClient => {
    // BullMQ wants a connection that waits for jobs to be patient without end, and says so with null.
    const { maxRetriesPerRequest = FIRST_TRIES } = options;
    const client = new Redis(given, { ...options, maxRetriesPerRequest });
    client.once("ready", () => reached.add(given));
    return createIORedisClient(client);
  };
  return {
    factory: createRedisBackend as BackendFactory<IQueueBackend, object>,
    connection: {
      url,
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      retryStrategy: (times: number): number | null => {
        if (!reached.has(url) && times >= FIRST_TRIES) return null;
        return Math.min(times * 100, RETRY_MS);
      },
    },
    prepare: () => selectDatabase(url),
    close: () => Promise.resolve(),
  };
}

/** The client takes no notice when the server has no such database, and goes on in the first one. */
async function selectDatabase(url: string): Promise<void> {
  const database = Number(new URL(url).pathname.slice(1));
  if (database === 0) return;
  const { Redis } = await import("ioredis");
  const client = new Redis(url, {
    connectTimeout: CONNECT_MS,
    retryStrategy: () => null,
    lazyConnect: true,
  });
  // What goes wrong is thrown, too.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.select(database);
  } catch (error) {
    if (error instanceof Error && /DB index/.test(error.message)) {
      throw new QueueError("usage", `the server has no database ${database}`);
    }
    throw error;
  } finally {
    client.disconnect();
  }
}

/** The version of BullMQ's tables; 0 if they are not there. */
async function versionOf(client: PoolClient): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, DEFAULT_SCHEMA);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

/** @param url `postgres://` or `postgresql://` */
export async function postgresDriver(url: string): Promise<Driver> {
  const { default: { Pool } } = await import("pg");
  const pool = new Pool({
    connectionString: url,
    options: `-c search_path=${DEFAULT_SCHEMA}`,
    max: POOL,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: SILENCE_MS,
    keepAlive: true,
  });
  // A connection that breaks while nobody uses it is no error of anyone.
  pool.on("error", () => {});
  return {
    factory: createPostgresBackend as BackendFactory<IQueueBackend, object>,
    connection: pool,
    prepare: async () => {
      const client = await pool.connect();
      try {
        // To make what is there already takes the right to make a schema, once is enough.
        if (await versionOf(client) < LATEST_SCHEMA_VERSION) {
          await runMigrations(client, DEFAULT_SCHEMA);
        }
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
