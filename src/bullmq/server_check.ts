/** Whether a server keeps what it is given: Redis does so only if it was told to. */
import type { RedisQueueBackend } from "bullmq";
import { QueueError } from "../model/errors.ts";
import type { Engine } from "./engine.ts";

/**
 * Says what is wrong with how the server is set up; one that cannot keep a queue is refused.
 *
 * @param warn told each thing that is, as a sentence
 * @throws {QueueError} `internal` for a Redis Cluster
 */
export async function checkServer(engine: Engine, warn: (sentence: string) => void): Promise<void> {
  if (engine.server.kind !== "redis") return;
  const { connection } = engine.queue.getBackend() as unknown as RedisQueueBackend;
  const info = await engine.ask(async () => (await connection.client).info());
  const has = (line: string): boolean => info.split(/\r?\n/).includes(line);
  if (has("cluster_enabled:1")) {
    throw new QueueError(
      "internal",
      `${engine.name} is a Redis Cluster, which would spread one queue over several servers`,
      "a single Redis or Valkey, or one with replicas, keeps a queue",
    );
  }
  const limited = !has("maxmemory:0") && !has("maxmemory_policy:noeviction");
  if (limited) {
    warn(
      `${engine.name} may throw jobs away when its memory is full: set maxmemory-policy noeviction`,
    );
  }
  if (has("aof_enabled:0")) {
    warn(`${engine.name} may lose jobs when it dies: set appendonly yes`);
  }
}
