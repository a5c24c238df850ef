/** A network between a program and a server that can be cut. */

export interface Proxy {
  readonly port: number;
  /** From now on nothing gets through, and nobody is told. */
  cut(): void;
  /** Everything gets through again, what was held up too. */
  mend(): void;
  close(): void;
}

/** Forwards connections to a port of this machine. */
export function startProxy(to: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let passage = Promise.resolve();
  let mend: () => void = () => {};

  const forward = async (from: Deno.Conn, into: Deno.Conn): Promise<void> => {
    try {
      for await (const piece of from.readable) {
        await passage;
        for (let sent = 0; sent < piece.length;) sent += await into.write(piece.subarray(sent));
      }
    } catch {
      // One side has gone: the other is told by the end of its connection.
    }
    for (const end of [from, into]) {
      if (open.delete(end)) tryClose(end);
    }
  };

  const serve = async (): Promise<void> => {
    for await (const client of listener) {
      open.add(client);
      await passage;
      try {
        const server = await Deno.connect({ hostname: "127.0.0.1", port: to });
        open.add(server);
        forward(client, server);
        forward(server, client);
      } catch {
        if (open.delete(client)) tryClose(client);
      }
    }
  };
  serve();

  return {
    port: listener.addr.port,
    cut: () => passage = new Promise((resolve) => mend = resolve),
    mend: () => mend(),
    close: () => {
      mend();
      listener.close();
      for (const end of open) tryClose(end);
    },
  };
}

function tryClose(end: Deno.Conn): void {
  try {
    end.close();
  } catch {
    // It is closed already.
  }
}
