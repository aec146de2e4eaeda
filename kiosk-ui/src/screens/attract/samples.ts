const files = import.meta.glob<string>("../../../public/samples/*.jpg", { eager: true, query: "?url", import: "default" });

/** The sample paintings of `style`, in the order of their numbers. */
export function samplesOf(style: string): string[] {
  return Object.keys(files)
    .filter((path) => path.replace(/^.*\//, "").replace(/-\d+\.jpg$/, "") === style)
    .sort()
    .map((path) => files[path] ?? "");
}
