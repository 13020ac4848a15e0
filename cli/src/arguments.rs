//! What can be said on the command line.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::Styles;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use http::{HeaderName, HeaderValue, Method};
use router_core::config::PlatformName;

use crate::explain::Url;
use crate::key::Key;
use crate::limits::Limits;
use crate::purge::Purge;
use crate::terminal;

/// The file that is meant when none is named.
pub(crate) const DEFAULT_FILE: &str = "tidegate.yaml";

const STYLES: Styles = Styles::styled()
    .header(terminal::HEADING)
    .usage(terminal::HEADING)
    .literal(terminal::NAME)
    .error(terminal::BAD)
    .valid(terminal::GOOD)
    .invalid(terminal::DOUBT);

const EXAMPLES: &str = "\
Examples:
  tidegate                                 serve ./tidegate.yaml
  tidegate check                           look for mistakes in ./tidegate.yaml
  tidegate check --platform spin           and whether spin can do what it asks
  tidegate explain GET /api/users/7        which route takes this request, and why
  tidegate schema > tidegate.schema.json   completion and checks in your editor

Exit codes: 0 good, 1 the configuration or the start failed, 2 wrong use of this program.";

/// An API gateway that runs where the users are: natively, on Cloudflare Workers and on Spin.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "tidegate", version, styles = STYLES, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    /// When to write colours. NO_COLOR and CLICOLOR_FORCE are respected.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    #[command(flatten)]
    serve: Serve,
    #[command(subcommand)]
    command: Option<Command>,
}

impl Arguments {
    /// The command; none means `serve`.
    pub(crate) fn command(self) -> Command {
        match self.command {
            None => Command::Serve(self.serve),
            Some(_) if self.serve.config.is_some() => {
                Self::command_error("`--config` stands behind the command it is for")
            }
            Some(command) => command,
        }
    }

    fn command_error(message: &str) -> ! {
        <Self as CommandFactory>::command().error(ErrorKind::ArgumentConflict, message).exit()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a configuration natively, until SIGTERM or Ctrl-C.
    Serve(Serve),
    /// Check a configuration: every mistake at once, with its place and what to do.
    Check(Check),
    /// Say what would become of a request: every route with why it lost, the edits and the final URL.
    Explain(Box<Explain>),
    /// Make, list and revoke API keys.
    Key(Key),
    /// Show or forget how a count of a running gateway stands.
    Limits(Limits),
    /// Make stored answers of a running gateway worthless.
    Purge(Purge),
    /// Print the JSON Schema of the configuration, from which editors complete.
    Schema,
    /// Print a checked configuration as JSON, for a key-value store or a variable.
    Export(Export),
    /// Print the completion script of a shell.
    Completions(Completions),
}

/// `tidegate serve`.
#[derive(Args, Debug)]
#[command(after_help = "\
While it runs, a changed file is checked and takes the place of the old one; a bad one is refused and reported. SIGHUP looks at once.
SIGTERM and Ctrl-C stop: open requests are finished first, for as long as `native.drain` allows.")]
pub(crate) struct Serve {
    /// The configuration, YAML or JSON [default: tidegate.yaml]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
}

/// `tidegate check`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate check
  tidegate check edge.yaml --platform workers --platform spin
  generate-config | tidegate check - --format json
  tidegate check --warnings deny           for a pipeline

References such as ${env:NAME} are looked up in the environment; one without a value is a warning here and an error when serving.")]
pub(crate) struct Check {
    /// The configuration, YAML or JSON; `-` is standard input.
    #[arg(default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Also refuse what this platform cannot do. May be repeated.
    #[arg(short, long, value_name = "PLATFORM")]
    pub(crate) platform: Vec<Platform>,
    /// How to report.
    #[arg(short, long, default_value = "text")]
    pub(crate) format: Format,
    /// Whether warnings fail the check.
    #[arg(short, long, default_value = "allow")]
    pub(crate) warnings: Warnings,
}

/// `tidegate explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate explain GET /echo/hello
  tidegate explain POST https://api.example.com/orders?dry=1 -H 'Content-Length: 20'
  tidegate explain OPTIONS /items -H 'Origin: https://a.test' -H 'Access-Control-Request-Method: PUT'
  tidegate explain GET /admin --from 203.0.113.9 --format json

Nothing is sent: the same functions that decide in the running gateway are asked.")]
pub(crate) struct Explain {
    /// The method: any token, such as GET or PROPFIND.
    #[arg(value_parser = method)]
    pub(crate) method: Method,
    /// A full URL, or a path with perhaps a query. It is taken as a client would send it: nothing is decoded or cleaned up before.
    pub(crate) url: Url,
    /// A request header. May be repeated.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The address at the other end of the connection.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) from: IpAddr,
    /// The configuration; `-` is standard input.
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// List every route, also the many whose host or path is another.
    #[arg(short, long)]
    pub(crate) all: bool,
    /// How to report. JSON always has every route.
    #[arg(short, long, default_value = "text")]
    pub(crate) format: Format,
}

/// `tidegate export`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate export > gateway.json
  wrangler kv key put tidegate/gateway --binding TIDEGATE_KV --remote --path gateway.json
  TIDEGATE_CONFIG=$(tidegate export --platform workers)

References such as ${secret:NAME} stay as they are written: the platform that reads the document has their values.")]
pub(crate) struct Export {
    /// The configuration, YAML or JSON; `-` is standard input.
    #[arg(default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Refuse what this platform cannot do. May be repeated.
    #[arg(short, long, value_name = "PLATFORM")]
    pub(crate) platform: Vec<Platform>,
    /// Indent the JSON.
    #[arg(long)]
    pub(crate) pretty: bool,
}

/// `tidegate completions`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate completions bash > ~/.local/share/bash-completion/completions/tidegate
  tidegate completions zsh > \"${fpath[1]}/_tidegate\"
  tidegate completions fish > ~/.config/fish/completions/tidegate.fish")]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// When to write colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// Where a terminal is attached.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For tools.
    Json,
}

/// Whether warnings fail a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Warnings {
    /// They are reported.
    Allow,
    /// They count as errors.
    Deny,
}

/// A platform that a configuration can be deployed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Platform {
    /// This program.
    Native,
    /// Cloudflare Workers.
    Workers,
    /// Fermyon Spin.
    Spin,
}

impl Platform {
    pub(crate) fn name(self) -> PlatformName {
        match self {
            Self::Native => PlatformName::Native,
            Self::Workers => PlatformName::Workers,
            Self::Spin => PlatformName::Spin,
        }
    }
}

fn method(text: &str) -> Result<Method, String> {
    text.parse().map_err(|_| "expected a token such as GET, POST or PROPFIND (RFC 9110 section 9.1)".to_owned())
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("expected `name: value`")?;
    let name = name.parse().map_err(|_| format!("`{name}` is no header name"))?;
    let value = value.trim().parse().map_err(|_| format!("the value of `{name}` has a control character"))?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Arguments as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_header_is_a_name_and_a_trimmed_value() {
        assert_eq!(header("X-A:  b: c "), Ok(("x-a".parse().unwrap(), "b: c".parse().unwrap())));
        assert_eq!(header("X-A:"), Ok(("x-a".parse().unwrap(), "".parse().unwrap())));
        assert!(header("X-A").is_err());
        assert!(header("X A: b").is_err());
        assert!(header("X-A: b\nc").is_err());
    }

    #[test]
    fn no_command_is_serve() {
        let arguments = Arguments::try_parse_from(["tidegate", "-c", "a.yaml"]).unwrap();
        let Command::Serve(serve) = arguments.command() else { panic!("another command") };
        assert_eq!(serve.config.unwrap().to_str(), Some("a.yaml"));
    }
}
