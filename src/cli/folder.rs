//! Output folders whose files are whole or not there.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::{Builder, NamedTempFile};

use tradewinds::report::Digest;
use tradewinds::simulate::map_in_order;

use super::failure::Failure;
use super::interrupt;

/// A folder that can be written to.
pub struct Folder {
    path: PathBuf,
}

/// The name of a file, and what writes it.
pub type Output<'a> = (&'static str, Box<dyn Fn(&mut (dyn Write + Send)) -> io::Result<()> + Send + Sync + 'a>);

/// A file that is whole but does not have its name yet. Dropped, it is gone.
pub struct Staged {
    /// Its name and SHA-256.
    pub digest: Digest,
    /// Number of lines.
    pub lines: u64,
    file: NamedTempFile,
}

impl Folder {
    /// Makes the folder and sees whether it takes a file, so that a long run does not end for want of that.
    pub fn prepare(path: PathBuf) -> Result<Folder, Failure> {
        let folder = Folder { path };
        fs::create_dir_all(&folder.path)
            .and_then(|()| folder.temporary("probe"))
            .map_err(|error| folder.failure("cannot write to the folder", error))?;
        Ok(folder)
    }

    /// The folder that a file is to go to, and the file's name.
    pub fn of_file(file: &Path) -> Result<(Folder, String), Failure> {
        if file.is_dir() {
            let path = file.display();
            return Err(Failure::Input(format!("`{path}` is a folder\n  = hint: name the file to write")));
        }
        let name = file.file_name().ok_or_else(|| {
            Failure::Input(format!("`{}` is no name for a file\n  = hint: name the file to write", file.display()))
        })?;
        let parent = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok((Folder::prepare(parent.to_owned())?, name.to_string_lossy().into_owned()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file under a passing name.
    pub fn stage(
        &self,
        name: &str,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<Staged, Failure> {
        let staged = self.temporary(name).and_then(|file| fill(name, file, write));
        interrupt::check()?;
        staged.map_err(|error| self.failure("cannot write to the folder", error))
    }

    /// Writes files under passing names, several at a time.
    pub fn stage_all(&self, outputs: &[Output<'_>]) -> Result<Vec<Staged>, Failure> {
        map_in_order(outputs, |(name, write)| self.stage(name, write)).into_iter().collect()
    }

    /// Takes away what an earlier run left under these names, then gives the files theirs.
    pub fn publish(&self, staged: Vec<Staged>, outdated: &[&str]) -> Result<(), Failure> {
        for name in outdated {
            remove_if_there(&self.path.join(name))
                .map_err(|error| self.failure("cannot remove an earlier result from the folder", error))?;
        }
        for Staged { file, digest, .. } in staged {
            file.persist(self.path.join(digest.file))
                .map_err(|error| self.failure("cannot replace a file in the folder", error.error))?;
        }
        Ok(())
    }

    fn temporary(&self, name: &str) -> io::Result<NamedTempFile> {
        let prefix = format!(".{name}.");
        let mut builder = Builder::new();
        builder.prefix(&prefix);
        // Temporary files are private by default; these become results, which are as open as the umask lets them.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(&self.path)
    }

    fn failure(&self, what: &str, error: io::Error) -> Failure {
        let path = self.path.display();
        Failure::Failed(format!("{what} `{path}`: {error}\n  = hint: free it, or choose another folder with --out"))
    }
}

fn fill(
    name: &str,
    file: NamedTempFile,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<Staged> {
    let mut tee = Tee { file: BufWriter::with_capacity(1 << 16, file), hash: Sha256::new(), lines: 0 };
    write(&mut tee)?;
    let digest = Digest { file: name.to_owned(), sha256: hex(tee.hash) };
    let file = tee.file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Staged { digest, lines: tee.lines, file })
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// SHA-256 of a text.
pub fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::new().chain_update(bytes))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many lines end in these bytes. Counts of stretches fit in a byte, so that many are compared at once.
fn lines(bytes: &[u8]) -> u64 {
    let of_stretch = |stretch: &[u8]| u64::from(stretch.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>());
    bytes.chunks(usize::from(u8::MAX)).map(of_stretch).sum()
}

/// Passes bytes on and remembers their hash and their lines. Stops when the user wants to.
struct Tee {
    file: BufWriter<NamedTempFile>,
    hash: Sha256,
    lines: u64,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not `ErrorKind::Interrupted`, on which writers try again.
        interrupt::check().map_err(|_| io::Error::other("stopped"))?;
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.lines += lines(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
