# make run    build the pages and the daemon, and start a booth with demo settings
# make test   every check; installs or names what it needs
# make build  target/release/easel, with the pages inside
# make deb    target/easel.deb: the daemon, its units and settings, for a booth
# make bench  benchmarks, side by side with what we compare ourselves to

PAGES := kiosk-ui/dist/kiosk.html
PAGES_FROM := $(shell find kiosk-ui -path kiosk-ui/node_modules -prune -o -path kiosk-ui/dist -prune -o -type f -print)
TO_BUILD := cmake=cmake nasm=nasm gcc=gcc g++=g++ make=make pkg-config=pkg-config
TO_PHOTOGRAPH := ffmpeg=ffmpeg
TO_PRINT := /usr/sbin/cupsd=cups /usr/sbin/lpadmin=cups-client /usr/sbin/ippeveprinter=cups-ipp-utils \
	dbus-daemon=dbus-daemon /usr/lib/cups/filter/imagetoraster=cups-filters \
	/usr/lib/cups/filter/rastertogutenprint.5.3=printer-driver-gutenprint
TO_PACK := dpkg-deb=dpkg strip=binutils
# A Debian of its own to install the package on.
TO_INSTALL := $(TO_PACK) systemd-analyze=systemd /usr/sbin/debootstrap=debootstrap lintian=lintian unshare=util-linux
# Phones have them; the browser that stands for one has what this machine has.
KOREAN_LETTERS := /usr/share/fonts/truetype/nanum/NanumGothic.ttf=fonts-nanum
# Safari's engine, and a screen for it.
WEBKIT := WebKitWebDriver=webkit2gtk-driver Xvfb=xvfb
# Networks that tests make themselves, and what stands before a booth at some places.
TO_CONNECT := ip=iproute2 unshare=util-linux /usr/sbin/nginx=nginx-light
TO_TEST := $(TO_BUILD) $(TO_PHOTOGRAPH) $(TO_PRINT) $(TO_INSTALL) $(TO_CONNECT) chromium=chromium $(WEBKIT) \
	pdftotext=poppler-utils pdftoppm=poppler-utils $(KOREAN_LETTERS)

.PHONY: run test build deb bench pages tools

run: tools $(PAGES)
	cargo run -- run --config config/demo.toml

build: tools $(PAGES)
	cargo build --release

deb: build
	@scripts/need $(TO_PACK)
	@scripts/deb target/release/easel target/easel.deb

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
