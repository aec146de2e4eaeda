import type { ProblemBody } from "./types";

/** A refusal in the daemon's words; `code` is what the screens look up. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** HTTP status; 0 when no answer came at all. */
    readonly status: number,
    readonly code: string,
    readonly body: ProblemBody = {},
    /** How long the daemon wants us to wait before we ask again, in seconds; 0 if it does not say. */
    readonly waitS = 0,
  ) {
    super(`${status} ${code}`);
  }

  /** No answer came: the daemon or the network is gone. */
  static unreachable(): Problem {
    return new Problem(0, "unreachable");
  }

  static async fromResponse(response: Response): Promise<Problem> {
    const body = (await response.json().catch(() => ({}))) as ProblemBody;
    const waitS = Number(response.headers.get("retry-after")) || 0;
    return new Problem(response.status, body.code ?? "internal", body, waitS);
  }

  /** What went wrong, as a problem. A fault of the page's own looks like silence to visitors, and is told to the console. */
  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    console.error(error);
    return Problem.unreachable();
  }
}

/** Codes after which a room will not open again to this page. */
const final = new Set(["erased", "expired", "ended", "gone", "unknown_code", "not_found", "wrong_room"]);

export function isFinal(code: string): boolean {
  return final.has(code);
}
