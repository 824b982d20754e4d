/** Which end of a session this is. */
export type Role = "Client" | "Server"
