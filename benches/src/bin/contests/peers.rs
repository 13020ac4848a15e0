//! The gateway and its peers, each configured as its own people would for this work.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::process::{Server, free_address};

/// A file system in memory, where there is one: what nginx stores is in files.
const MEMORY: &str = "/dev/shm";

/// Where everything is written to.
fn folder() -> PathBuf {
    let memory = PathBuf::from(MEMORY);
    let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
    base.join(format!("tidegate-contests-{}", std::process::id()))
}

/// Where the configuration of a side is written to.
fn place(name: &str) -> Result<PathBuf, String> {
    let folder = folder().join(name);
    std::fs::create_dir_all(&folder).map_err(|why| format!("cannot write to {}: {why}", folder.display()))?;
    Ok(folder)
}

/// A program that the caller must name in the environment.
pub(crate) fn program(variable: &str) -> Result<String, String> {
    std::env::var(variable).map_err(|_| format!("{variable} names no program: run this as `cargo xtask bench cache`"))
}

/// Fills in a configuration of `benches/peers` and writes it down.
fn configured(
    side: &str,
    file: &str,
    text: &str,
    origin: SocketAddr,
    own: SocketAddr,
    memory: &str,
) -> Result<PathBuf, String> {
    let folder = place(side)?;
    let text = text
        .replace("ORIGIN_PORT", &origin.port().to_string())
        .replace("OWN_PORT", &own.port().to_string())
        .replace("MEMORY", memory)
        .replace("FOLDER", &folder.display().to_string());
    let path = folder.join(file);
    std::fs::write(&path, text).map_err(|why| format!("cannot write {}: {why}", path.display()))?;
    Ok(path)
}

/// The gateway, with so many MiB for stored answers.
pub(crate) fn tidegate(origin: SocketAddr, mebibytes: u32) -> Result<Server, String> {
    let own = free_address()?;
    let text = include_str!("../../../peers/tidegate.yaml");
    let file = configured("tidegate", "tidegate.yaml", text, origin, own, &format!("{mebibytes}MiB"))?;
    Server::start(&program("TIDEGATE")?, &["serve", &file.display().to_string()], own)
}

/// nginx with `proxy_cache` on a file system in memory, one worker.
pub(crate) fn nginx(origin: SocketAddr) -> Result<Server, String> {
    let own = free_address()?;
    let file = configured("nginx", "nginx.conf", include_str!("../../../peers/nginx-cache.conf"), origin, own, "")?;
    let folder = place("nginx")?.display().to_string();
    Server::start(&program("NGINX")?, &["-p", &folder, "-c", &file.display().to_string(), "-e", "stderr"], own)
}

/// Varnish with so many MiB for stored answers.
pub(crate) fn varnish(origin: SocketAddr, mebibytes: u32) -> Result<Server, String> {
    let own = free_address()?;
    let file = configured("varnish", "default.vcl", include_str!("../../../peers/varnish.vcl"), origin, own, "")?;
    let folder = place("varnish")?.join("work").display().to_string();
    let (listen, store) = (own.to_string(), format!("malloc,{mebibytes}m"));
    let file = file.display().to_string();
    Server::start(&program("VARNISHD")?, &["-F", "-n", &folder, "-a", &listen, "-f", &file, "-s", &store], own)
}

/// Removes what was written.
pub(crate) fn tidy() {
    let _gone = std::fs::remove_dir_all(folder());
}
