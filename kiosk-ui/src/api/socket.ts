import { io } from "socket.io-client";
import type { RoomEvent, Snapshot } from "./types";

export interface RoomEars {
  /** The token and the last event this page knows, asked anew at every connection. */
  auth: () => { token: string; after?: number };
  snapshot: (snapshot: Snapshot) => void;
  event: (event: RoomEvent) => void;
  /** The line to the daemon came up or went down. */
  link: (up: boolean) => void;
  /** The daemon refused the room; true asks to try again after a pause. */
  refused: (code: string) => boolean;
}

/** A line to a room. */
export interface RoomLine {
  /** Hangs up and connects anew, at once: what was connected may be dead without knowing it. */
  again: () => void;
  /** Hangs up until `again`. */
  rest: () => void;
  /** Hangs up for good. */
  close: () => void;
}

const retryRefusedMs = 3000;

/** Listens to a room. */
export function listenToRoom(ears: RoomEars): RoomLine {
  const socket = io("/room", {
    path: "/socket.io",
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 400,
    reconnectionDelayMax: 2000,
    // What was sent into a dead line is not answered: the next try may find a good one.
    timeout: 8000,
    auth: (give) => give(ears.auth()),
  });
  let again: ReturnType<typeof setTimeout> | undefined;

  socket.on("connect", () => ears.link(true));
  socket.on("disconnect", (reason) => {
    ears.link(false);
    // The client does not come back by itself when the server closed the socket.
    if (reason === "io server disconnect") again = setTimeout(() => socket.connect(), retryRefusedMs);
  });
  socket.on("snapshot", ears.snapshot);
  socket.on("event", ears.event);
  socket.on("connect_error", (error) => {
    ears.link(false);
    if (socket.active) return; // the network, not the room: the client tries again
    if (ears.refused(refusalCode(error))) again = setTimeout(() => socket.connect(), retryRefusedMs);
  });

  const rest = () => {
    clearTimeout(again);
    socket.disconnect();
  };
  return {
    rest,
    again: () => {
      rest();
      socket.connect();
    },
    close: () => {
      socket.off();
      rest();
    },
  };
}

/** The stable code of a refused connection, as `data.code` or as the message itself. */
function refusalCode(error: Error & { data?: unknown }): string {
  const data = error.data;
  if (typeof data === "object" && data !== null && "code" in data && typeof data.code === "string") return data.code;
  return error.message;
}
