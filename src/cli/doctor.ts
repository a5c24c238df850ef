import { examineQueue } from "../open_queue.ts";
import { describeEvent } from "../worker/events.ts";
import { recover } from "../worker/recover.ts";
import type { Context } from "./context.ts";
import { EXIT_FAILED } from "./errors.ts";
import { printJson, printLine, visible } from "./output.ts";
import { Progress } from "./progress.ts";
import { refuseStore } from "./refuse_store.ts";

export interface DoctorFlags {
  readonly "repair"?: boolean;
  readonly "json"?: boolean;
}

/** `doctor`: says what is wrong with the files; with `--repair`, mends it. */
export default async function doctor(this: Context, flags: DoctorFlags): Promise<void> {
  refuseStore(this.location, "doctor");
  const progress = new Progress(this.stderr, "looking at jobs");
  const { problems, repair } = await examineQueue(
    this.location.directory,
    this.clock,
    (done, total) => progress.show(done, total),
  );
  progress.end();
  if (flags.json) {
    printJson(this.stdout, { problems });
  } else {
    for (const { file, line, what, repair } of problems) {
      const place = `${file}${line === null ? "" : `, line ${line}`}`;
      printLine(this.stdout, visible(`${place}: ${what}`));
      printLine(
        this.stdout,
        `  ${flags.repair ? "mending:" : "--repair would"} ${visible(repair)}`,
      );
    }
    if (problems.length === 0) this.warn("nothing is wrong");
  }
  if (problems.length === 0) return;
  if (!flags.repair) return this.exitWith(EXIT_FAILED);
  const kept = await repair();
  if (kept !== "") this.warn(`mended; what was there before is in ${kept}`);
  await this.withQueue((queue) =>
    recover(
      queue,
      [],
      this.clock,
      (event) => this.warn(describeEvent(event)),
    )
  );
}
