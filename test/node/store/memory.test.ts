import { memoryStore } from "../../../node/store/memory.ts";
import { storeSuite } from "../../acceptance/store.ts";

storeSuite("memory", async () => memoryStore());
