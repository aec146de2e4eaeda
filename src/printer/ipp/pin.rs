//! Whom a printer's TLS is trusted to be.
//!
//! Printers sign their own certificates. The first one seen at an address is noted, and from then
//! on that one is taken and no other: staff are told. Where nothing is to be noted (a look from the
//! command line), any is taken.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};

use crate::printer::{PrinterError, Trouble};

/// One certificate at one address.
#[derive(Debug)]
pub(super) struct Pin {
    address: String,
    /// Where it is noted; nowhere: any is taken.
    file: Option<PathBuf>,
    /// The noted one's SHA-256, and the one that was seen last.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    noted: Option<String>,
    seen: Option<String>,
}

impl Pin {
    /// The certificate that `file` has for `address`, if it has one. Blocks on the disk.
    pub(super) fn of(address: &str, file: Option<PathBuf>) -> Self {
        let text = file
            .as_deref()
            .and_then(|file| fs::read_to_string(file).ok());
        let noted = text.and_then(|text| {
            let (at, print) = text.trim().split_once(' ')?;
            (at == address).then(|| print.to_owned())
        });
        let known = Known { noted, seen: None };
        Self {
            address: address.to_owned(),
            file,
            known: Mutex::new(known),
        }
    }

    /// TLS as this pin trusts it.
    ///
    /// # Errors
    /// [`PrinterError::Disconnected`] if there is no TLS to be had.
    pub(super) fn tls(self: &Arc<Self>) -> Result<ClientConfig, PrinterError> {
        let wrong = |e: rustls::Error| PrinterError::Disconnected(io::Error::other(e));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Verifier {
            pin: Arc::clone(self),
            provider: Arc::clone(&provider),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(wrong)?;
        Ok(config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }

    /// The printer has answered as one: its certificate is noted, if it is the first.
    pub(super) fn is_right(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(file), Some(seen), None) = (&self.file, known.seen.clone(), &known.noted) else {
            return;
        };
        match note(file, &format!("{} {seen}\n", self.address)) {
            Ok(()) => known.noted = Some(seen),
            Err(e) => tracing::warn!(
                error = &e as &dyn Error,
                "the printer's certificate is not noted"
            ),
        }
    }

    /// What is wrong, if it is TLS.
    pub(super) fn trouble(error: &(dyn Error + 'static)) -> Option<Trouble> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            match error.downcast_ref::<rustls::Error>() {
                Some(rustls::Error::InvalidCertificate(
                    CertificateError::ApplicationVerificationFailure,
                )) => return Some(Trouble::OtherCertificate),
                Some(_) => return Some(Trouble::NoSecureConnection),
                None => cause = within(error),
            }
        }
        None
    }

    fn takes(&self, certificate: &CertificateDer<'_>) -> bool {
        let mut print = String::new();
        for byte in digest(&SHA256, certificate).as_ref() {
            let _ = write!(print, "{byte:02x}");
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = known.noted.as_ref().is_none_or(|noted| *noted == print);
        known.seen = Some(print);
        taken
    }
}

/// The error inside of another. An [`io::Error`] names as its source that of the error it wraps,
/// and leaves that one out; they are wrapped in each other.
fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Whole or not at all.
fn note(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    beside.persist(file)?;
    Ok(())
}

#[derive(Debug)]
struct Verifier {
    pin: Arc<Pin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pin.takes(end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_certificate_is_seen_however_deep_it_is_wrapped() {
        let other = CertificateError::ApplicationVerificationFailure;
        let deep = io::Error::other(io::Error::other(rustls::Error::from(other)));
        assert_eq!(Pin::trouble(&deep), Some(Trouble::OtherCertificate));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(Pin::trouble(&refused), None);
    }

    #[test]
    fn the_first_certificate_is_noted_and_another_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pin");
        let (first, other) = (
            CertificateDer::from(vec![1, 2, 3]),
            CertificateDer::from(vec![4]),
        );
        let pin = Pin::of("ipps://one", Some(file.clone()));
        assert!(pin.takes(&first));
        // Not before it has answered as a printer.
        assert!(!file.exists());
        pin.is_right();
        assert!(!pin.takes(&other) && pin.takes(&first));
        // It is remembered, for this printer alone.
        let again = Pin::of("ipps://one", Some(file.clone()));
        assert!(!again.takes(&other) && again.takes(&first));
        again.is_right();
        assert!(Pin::of("ipps://two", Some(file)).takes(&other));
        // A look from the command line notes nothing.
        let looks = Pin::of("ipps://one", None);
        assert!(looks.takes(&first));
        looks.is_right();
        assert!(looks.takes(&other));
    }
}
