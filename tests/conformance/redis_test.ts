import { testOnServer } from "./on_server.ts";

testOnServer("redis");
