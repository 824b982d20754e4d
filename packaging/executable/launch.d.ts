declare module "*/bin/launch.cjs" {
  /** Starts a program of the bundle. */
  const launch: {
    (program: string): void
    /** What a program wants of its process before it is loaded. */
    readonly prepare: (program: string) => void
  }
  export default launch
}
