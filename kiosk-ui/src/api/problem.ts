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
    /** The daemon itself has answered; else what was asked for may have been done, or not. */
    readonly answered = true,
  ) {
    super(`${status} ${code}`);
  }

  /** No answer came: the daemon or the network is gone. */
  static unreachable(): Problem {
    return new Problem(0, "unreachable", {}, 0, false);
  }

  /** Something between answered that is not the daemon: a Wi-Fi's page to sign in to, or a proxy's own page. */
  static portal(status: number): Problem {
    return new Problem(status, "portal", {}, 0, false);
  }

  static async fromResponse(response: Response): Promise<Problem> {
    if (response.type === "opaqueredirect") return Problem.portal(302);
    const { status } = response;
    const waitS = Number(response.headers.get("retry-after")) || 0;
    const body: unknown = isJson(response) ? await response.json().catch(() => undefined) : undefined;
    if (isProblem(body)) return new Problem(status, body.code, body, waitS);
    return new Problem(status, codeOfOther(status), {}, waitS, false);
  }

  /** What went wrong, as a problem. A fault of the page's own looks like silence to visitors, and is told to the console. */
  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    console.error(error);
    return Problem.unreachable();
  }
}

export function isJson(response: Response): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(response.headers.get("content-type") ?? "");
}

function isProblem(body: unknown): body is ProblemBody & { code: string } {
  return typeof body === "object" && body !== null && "code" in body && typeof body.code === "string";
}

/** What a status means that is not the daemon's: proxies answer with pages of their own. */
function codeOfOther(status: number): string {
  switch (status) {
    case 413:
      return "too_large";
    case 429:
      return "busy";
    case 407: // a proxy
    case 511: // a Wi-Fi (RFC 6585)
      return "portal";
    default:
      return "unreachable";
  }
}

/** Codes after which a room will not open again to this page. */
const final = new Set(["erased", "expired", "ended", "gone", "unknown_code", "not_found", "wrong_room"]);

export function isFinal(code: string): boolean {
  return final.has(code);
}
