declare module "*/bin/launch.cjs" {
  /** Starts a program of the bundle. */
  const launch: {
    (program: string): void
    /** Prepares the process for a program before it is loaded. */
    readonly prepare: (program: string) => void
  }
  export default launch
}
