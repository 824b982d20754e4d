/**
 * The first argument by which `mosh` answers a question of ssh, as the program of `SSH_ASKPASS`. The socket and the prompt
 * follow. It is no option: ssh's prompt may be any text.
 */
export const ASKPASS = "--answer-ssh"
