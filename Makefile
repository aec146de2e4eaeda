# make run    build the pages and the daemon, and start a booth with demo settings
# make test   every check; installs or names what it needs
# make build  target/release/easel, with the pages inside
# make bench  benchmarks, side by side with what we compare ourselves to

PAGES := kiosk-ui/dist/kiosk.html
PAGES_FROM := $(shell find kiosk-ui -path kiosk-ui/node_modules -prune -o -path kiosk-ui/dist -prune -o -type f -print)
TO_BUILD := cmake=cmake nasm=nasm gcc=gcc g++=g++ pkg-config=pkg-config
TO_PRINT := /usr/sbin/cupsd=cups /usr/sbin/lpadmin=cups-client /usr/sbin/ippeveprinter=cups-ipp-utils \
	dbus-daemon=dbus-daemon /usr/lib/cups/filter/imagetoraster=cups-filters \
	/usr/lib/cups/filter/rastertogutenprint.5.3=printer-driver-gutenprint
TO_TEST := $(TO_BUILD) chromium=chromium pdftotext=poppler-utils pdftoppm=poppler-utils ffmpeg=ffmpeg $(TO_PRINT)

.PHONY: run test build bench pages tools

run: tools $(PAGES)
	cargo run -- run --config config/demo.toml

build: tools $(PAGES)
	cargo build --release

test:
	@scripts/need $(TO_TEST)
	@scripts/test

bench: tools $(PAGES)
	cargo bench

pages: $(PAGES)

tools:
	@scripts/need $(TO_BUILD)
	@command -v cargo >/dev/null || { echo "Easel needs Rust: the toolchain in rust-toolchain.toml" >&2; exit 1; }
	@command -v npm >/dev/null || { echo "Easel needs Node 20 or newer, with npm" >&2; exit 1; }

$(PAGES): $(PAGES_FROM)
	npm ci --prefix kiosk-ui --no-progress
	npm run build --prefix kiosk-ui
	@touch $@
