declare module "postject" {
  /** Embeds a resource in an executable, in place. */
  export const inject: (
    file: string,
    resource: string,
    contents: Uint8Array,
    options: { readonly sentinelFuse: string }
  ) => Promise<void>
}
