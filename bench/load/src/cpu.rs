//! CPU time as the kernel counts it.

use crate::Failure;
use std::collections::HashMap;

/// Seconds that a process, its descendants and those of them that ended have used; 0 for process 0.
pub fn of_tree(root: u32) -> Result<f64, Failure> {
    if root == 0 {
        return Ok(0.0);
    }
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut ticks = HashMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        let Some((_, fields)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<&str> = fields.split(' ').collect();
        children.entry(fields[1].parse()?).or_default().push(process);
        let used: u64 = fields[11..15].iter().map(|field| field.parse::<u64>().unwrap_or(0)).sum();
        ticks.insert(process, used);
    }
    if !ticks.contains_key(&root) {
        return Err(format!("the server, process {root}, is gone").into());
    }
    let mut sum = 0;
    let mut left = vec![root];
    while let Some(process) = left.pop() {
        sum += ticks[&process];
        left.extend(children.remove(&process).unwrap_or_default());
    }
    Ok(seconds(sum))
}

fn seconds(ticks: u64) -> f64 {
    // SAFETY: has no preconditions.
    let ticks_per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    ticks as f64 / ticks_per_second as f64
}

/// Seconds that a core was not idle, whoever used it.
pub fn of_core(core: u32) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat
        .lines()
        .find_map(|line| line.strip_prefix(&format!("cpu{core} ")))
        .ok_or(format!("there is no core {core}"))?;
    let ticks: Vec<u64> = line.split(' ').map(|field| field.parse().unwrap_or(0)).collect();
    // user, nice, system, then idle and waiting for input or output, then interrupts and stolen time.
    let busy: u64 = ticks[..3].iter().chain(&ticks[5..8]).sum();
    Ok(seconds(busy))
}
