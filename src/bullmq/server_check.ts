/** Whether a server keeps what it is given: Redis does so only if it was told to. */
import type { RedisQueueBackend } from "bullmq";
import type { Engine } from "./engine.ts";

/**
 * Says what is wrong with how the server is set up.
 *
 * @param warn told each thing that is, as a sentence
 */
export async function checkServer(engine: Engine, warn: (sentence: string) => void): Promise<void> {
  if (engine.server.kind !== "redis") return;
  const { connection } = engine.queue.getBackend() as unknown as RedisQueueBackend;
  const info = await engine.ask(async () => (await connection.client).info());
  const has = (line: string): boolean => info.split(/\r?\n/).includes(line);
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
