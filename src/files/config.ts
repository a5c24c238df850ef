import type { Config, ConfigKey, ConfigValue } from "../model/config.ts";
import { readConfig } from "./config_file.ts";
import { replaceFile } from "../machine/io.ts";
import type { Store } from "./store.ts";

/** Stores one setting, or removes it when the value is undefined. */
export async function changeConfig(
  store: Store,
  key: ConfigKey,
  value: ConfigValue | undefined,
): Promise<void> {
  await store.locked(() => {
    const { [key]: _before, ...others } = readConfig(store.paths.config).stored;
    const stored: Partial<Config> = value === undefined ? others : { ...others, [key]: value };
    replaceFile(store.paths.config, `${JSON.stringify(stored, null, 2)}\n`, store.owner);
    store.forgetConfig();
  });
}
