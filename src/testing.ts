/**
 * Tools for tests of sessions, for any test runner.
 */
export * as FakePty from "./testing/FakePty.ts"
export * as SimulatedNetwork from "./testing/SimulatedNetwork.ts"
export * as SyncObjectLaws from "./testing/SyncObjectLaws.ts"
