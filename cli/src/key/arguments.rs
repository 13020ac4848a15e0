//! What can be said behind `tidegate key`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::arguments::{DEFAULT_FILE, Format};

/// `tidegate key`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate key create --consumer acme --scope orders:read --expires 90d
  tidegate key list
  tidegate key revoke 791e2b79
  tidegate key export > keys.json && wrangler kv bulk put keys.json --binding TIDEGATE_KV --remote

The store is the file of `native.store` in the configuration. While a gateway runs it has the file locked; the command then asks that gateway, through
the socket beside the file, which listens to the gateway's own user and root alone.")]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key. It is shown once; only a keyed hash of it is stored.
    Create(Create),
    /// List the keys: whose they are, when they end. The keys themselves are known to nobody.
    List(List),
    /// Revoke keys: by the beginning of a hash, or all of a consumer.
    Revoke(Revoke),
    /// Print the records as JSON, as `wrangler kv bulk put` and `tidegate key import` read it.
    Export(Export),
    /// Take records from such JSON. A key that is there already is replaced.
    Import(Import),
}

/// Where keys are.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// The configuration; `-` is standard input.
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    pub(super) config: PathBuf,
    /// The file of the store [default: `native.store` of the configuration]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) store: Option<PathBuf>,
    /// The authenticator of the configuration [default: the only one with API keys]
    #[arg(short, long, value_name = "NAME")]
    pub(super) authenticator: Option<String>,
}

/// `tidegate key create`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate key create --consumer acme
  tidegate key create --consumer acme --scope orders:read --scope orders:write --plan gold --expires 90d
  tidegate key create --consumer acme --no-store --format json > key.json
  wrangler kv bulk put key.json --binding TIDEGATE_KV --remote

To replace a key make a second one, let its owner move, and revoke the first. A third that works is refused.")]
pub(super) struct Create {
    #[command(flatten)]
    pub(super) place: Place,
    /// Whose key it is.
    #[arg(long, value_name = "NAME")]
    pub(super) consumer: String,
    /// A scope that its owner has. May be repeated.
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Vec<String>,
    /// A role that its owner has. May be repeated.
    #[arg(long, value_name = "ROLE")]
    pub(super) role: Vec<String>,
    /// The plan of its owner.
    #[arg(long)]
    pub(super) plan: Option<String>,
    /// When it ends: a time from now such as `90d`, or an RFC 3339 time.
    #[arg(long, value_name = "TIME")]
    pub(super) expires: Option<String>,
    /// Anything else, as a JSON object: conditions and headers see it as `claims`.
    #[arg(long, value_name = "JSON")]
    pub(super) metadata: Option<String>,
    /// Store nothing: the record that is printed goes into another store, or under `keys:` of the configuration.
    #[arg(long, conflicts_with = "store")]
    pub(super) no_store: bool,
    /// How to report. JSON is the record for an import; the key then goes to standard error.
    #[arg(short, long, default_value = "text")]
    pub(super) format: Format,
}

/// `tidegate key list`.
#[derive(Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    pub(super) place: Place,
    /// Only the keys of this consumer.
    #[arg(long, value_name = "NAME")]
    pub(super) consumer: Option<String>,
    /// How to report.
    #[arg(short, long, default_value = "text")]
    pub(super) format: Format,
}

/// `tidegate key revoke`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate key revoke 791e2b79
  tidegate key revoke --consumer acme
  tidegate key revoke 791e2b79 --format json > gone.json
  wrangler kv bulk delete gone.json --binding TIDEGATE_KV --remote")]
pub(super) struct Revoke {
    #[command(flatten)]
    pub(super) place: Place,
    /// The beginning of the hash, at least 8 digits, as `tidegate key list` shows it.
    #[arg(value_name = "HASH", required_unless_present = "consumer", conflicts_with = "consumer")]
    pub(super) hash: Option<String>,
    /// Every key of this consumer.
    #[arg(long, value_name = "NAME")]
    pub(super) consumer: Option<String>,
    /// How to report. JSON is the list of keys of the store, as `wrangler kv bulk delete` reads it.
    #[arg(short, long, default_value = "text")]
    pub(super) format: Format,
}

/// `tidegate key export`.
#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    pub(super) place: Place,
}

/// `tidegate key import`.
#[derive(Args, Debug)]
pub(super) struct Import {
    #[command(flatten)]
    pub(super) place: Place,
    /// The JSON; `-` is standard input.
    #[arg(value_name = "JSON", value_hint = ValueHint::FilePath)]
    pub(super) file: PathBuf,
}
