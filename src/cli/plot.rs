//! `tradewinds plot`: a fan chart as a picture.

use super::args::PlotArgs;
use super::failure::Failure;

#[cfg(not(feature = "plot"))]
pub fn plot(args: &PlotArgs) -> Result<(), Failure> {
    Err(Failure::Input(format!(
        "this program was built without pictures, so `{}` is not drawn\n  = hint: build it with `cargo build --release \
         --features plot`; `tradewinds report` needs no such thing",
        args.input.display()
    )))
}

#[cfg(feature = "plot")]
pub use drawing::plot;

#[cfg(feature = "plot")]
mod drawing {
    use std::ffi::OsStr;
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    use tradewinds::report::plot::{self, Finished};

    use super::super::args::Picture;
    use super::super::folder::Folder;
    use super::super::terminal;
    use super::{Failure, PlotArgs};

    /// Dots a point of a PNG.
    const SCALE: f32 = 3.0;

    pub fn plot(args: &PlotArgs) -> Result<(), Failure> {
        let projection = if args.input.is_dir() { args.input.join("projection.csv") } else { args.input.clone() };
        let folder = projection.parent().map(Path::to_owned).unwrap_or_default();
        let format = format(args)?;
        let mut chart = read(&projection, &folder, &args.measure)?;
        if let Some(title) = &args.title {
            chart.title.clone_from(title);
        }
        let out = args.out.clone().unwrap_or_else(|| folder.join(default_name(&args.measure, format)));
        let bytes = match format {
            Picture::Svg => plot::svg(&chart).into_bytes(),
            Picture::Png => plot::png(&chart, SCALE),
        };
        write(&out, &bytes)?;
        if !args.quiet {
            terminal::note(&format!("{}\n", out.display()));
        }
        Ok(())
    }

    /// As told; else as the picture's name ends.
    fn format(args: &PlotArgs) -> Result<Picture, Failure> {
        let ending = args.out.as_deref().and_then(Path::extension).and_then(OsStr::to_str).map(str::to_lowercase);
        match (args.format, ending.as_deref()) {
            (Some(format), _) => Ok(format),
            (None, Some("png")) => Ok(Picture::Png),
            (None, Some("svg")) => Ok(Picture::Svg),
            (None, None) if args.out.is_none() => Ok(Picture::Svg),
            (None, _) => Err(Failure::Input(
                "it is not clear which kind of picture is wanted\n  = hint: end its name with .svg or .png, or say \
                 --format"
                    .to_owned(),
            )),
        }
    }

    fn default_name(measure: &str, format: Picture) -> PathBuf {
        let ending = if format == Picture::Svg { "svg" } else { "png" };
        PathBuf::from(format!("fan-{measure}.{ending}"))
    }

    fn read(projection: &Path, folder: &Path, measure: &str) -> Result<plot::FanChart, Failure> {
        let text = fs::read_to_string(projection).map_err(|error| {
            Failure::Input(format!(
                "cannot read `{}`: {error}\n  = hint: name the folder of one scenario that `tradewinds run` wrote, such \
                 as output/pakistan-kazakhstan/baseline",
                projection.display()
            ))
        })?;
        let (quantiles, run) = (optional(&folder.join("quantiles.csv"))?, optional(&folder.join("run.json"))?);
        let history = optional(&folder.join("history.csv"))?;
        let files = Finished {
            projection: &text,
            quantiles: quantiles.as_deref(),
            history: history.as_deref(),
            run: run.as_deref(),
        };
        plot::fan(&files, measure).map_err(|why| Failure::Input(format!("`{}`: {why}", projection.display())))
    }

    /// A file that need not be there.
    fn optional(path: &Path) -> Result<Option<String>, Failure> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::Input(format!("cannot read `{}`: {error}", path.display()))),
        }
    }

    fn write(out: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let (folder, name) = Folder::of_file(out)?;
        let staged = folder.stage(&name, |file| file.write_all(bytes))?;
        folder.publish(vec![staged], &[])
    }
}
