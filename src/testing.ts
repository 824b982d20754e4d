/**
 * What tests of sessions need: no test runner is assumed.
 */
export * as FakePty from "./testing/FakePty.ts"
export * as SimulatedNetwork from "./testing/SimulatedNetwork.ts"
export * as SyncObjectLaws from "./testing/SyncObjectLaws.ts"
