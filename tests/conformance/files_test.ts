import { withDirectory } from "../support/temporary.ts";
import { testConformance } from "./conformance.ts";

testConformance("files", (work) => withDirectory((directory) => work({ directory })));
