/** A failure that says when the job is to be tried again. */
export class RunFailure extends Error {
  constructor(message: string, readonly delay: number) {
    super(message);
  }
}

/** When a job that failed so is tried again, in milliseconds: what the engine asks for. */
export function retryDelay(error: Error | undefined): number {
  return error instanceof RunFailure ? error.delay : 0;
}
