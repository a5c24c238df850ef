/** A real browser without a window. */
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser's program, if there is one; `CHROMIUM_BIN` names another. */
export function findBrowser(): string | undefined {
  const named = Deno.env.get("CHROMIUM_BIN");
  if (named) return named;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** What a page looks like from outside. */
export interface PageOptions {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
}

/** Opens an address, hands the page over, and fails if the page itself reported an error. */
export async function withPage(
  program: string,
  address: string,
  work: (page: Page) => Promise<void>,
  { colorScheme = "light", width = 1280 }: PageOptions = {},
): Promise<void> {
  const browser: Browser = await chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      const isNetwork = /ERR_|Failed to load resource/.test(message.text());
      if (message.type() === "error" && !isNetwork) errors.push(message.text());
    });
    await page.goto(address);
    await work(page);
    if (errors.length > 0) throw new Error(`the page reported: ${errors.join("; ")}`);
  } finally {
    await browser.close();
  }
}
