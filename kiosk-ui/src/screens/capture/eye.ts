import type { RoomApi } from "../../api/client";
import type { CameraTrouble, Capture } from "../../api/types";
import type { Seen } from "./camera";

/** Why there is nothing to see. */
export type Absence = "gone" | "asleep" | "recovering" | "refused";

/** A photo that has been taken, or is being taken. */
export interface Shot {
  /** What stands still on the screen meanwhile, where there is anything to show. */
  still?: Blob | Promise<Blob | undefined>;
  /** Gives it to the room, and answers what became of it. */
  send: (api: RoomApi) => Promise<Capture>;
}

/** What the capture screen sees with: the page's own camera, or the daemon's. */
export interface Eye {
  /** `opening` until there is something to see; `there`: a photo can be taken. */
  readonly condition: "opening" | "there" | "away";
  readonly absence: Absence;
  /** What is wrong with it, where that is known. */
  readonly trouble?: CameraTrouble | undefined;
  /** What shows the live view on the screen, where there is one. */
  readonly seen: Seen | undefined;
  /** Keeps an eye on the camera until the returned function is called. */
  watch(): () => void;
  /** Looks for the camera at once. */
  look(): Promise<void>;
  /** Somebody in that session is counted down to, or is no longer. */
  arm?(session: string): void;
  disarm?(): void;
  /** Takes a photo; nothing if the camera is away after all. */
  shoot(): Promise<Shot | undefined>;
  /** Makes sure that it is still there, after a photo that came to nothing. */
  check(): Promise<void>;
}
