//! `gw validate kernels`.

use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_validation::Report;
use gigawatt_validation::kernels::{self, Collectives, Devices};

use super::{output, read, spare, unusable};
use crate::arguments::{CatalogueOption, PointsOptions};
use crate::catalogue;
use crate::failure::Failure;

pub(super) fn kernels(options: &PointsOptions) -> Result<(), Failure> {
    spare(&options.points, [&options.csv])?;
    let bytes = read(&options.points)?;
    let device = DeviceCoefficients::embedded().map_err(Failure::internal)?;
    let catalogue = catalogue::in_use(&CatalogueOption::default(), options.quiet)?;
    let devices = Devices::of(&catalogue, device);
    let network = NetworkCoefficients::embedded().map_err(Failure::internal)?;
    let lines = kernels::predict(&bytes, &devices, &Collectives::new(&catalogue, network))
        .map_err(|reason| unusable(&options.points, &reason, &kernels::NEEDED))?;
    let report = Report::of(&lines, kernels::coefficients(&devices));
    output::tell(
        options,
        &lines,
        &report,
        &["op_gpu", "op_generation", "gemm_rows", "nccl_bytes", "large_nccl_gpu"],
    )
}
