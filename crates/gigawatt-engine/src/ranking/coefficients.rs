//! The numbers of this law that measurements decide.

use crate::coefficients::coefficients;

coefficients! {
    /// Coefficients of recommendation models.
    pub struct RankingCoefficients of "ranking" {
        /// Part of the memory's bandwidth that kernels reach which gather and update rows at random addresses.
        gather: "1", [0.2, 1.0], "training: all rows";
        /// Matrix rate of a step's products over that of the same kernels alone.
        matrix: "1", [0.3, 1.2], "training: all rows";
        /// Part of the exchanges that no other work hides.
        exposed: "1", [0.0, 1.0], "training: rows of more than one accelerator";
        /// Fixed time of a step of TensorFlow with Horovod or its sparse kits.
        tensorflow_step: "s", [1e-5, 2e-2], "training: rows of TensorFlow";
        /// Fixed time of a step of TorchRec.
        torchrec_step: "s", [1e-5, 2e-2], "training: rows of TorchRec";
        /// Fixed time of a step of HugeCTR.
        hugectr_step: "s", [1e-5, 2e-2], "training: rows of HugeCTR";
        /// Fixed time of a batch in serving.
        serving_step: "s", [1e-6, 1e-2], "prior: recorded graphs and a copy of inputs";
        /// Four of five measured throughputs lie within a factor of its exponential.
        spread: "1", [0.0, 2.0], "residuals of all rows of training";
    }
}

/// Who starts the kernels of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// TensorFlow 2 with Horovod, Merlin's distributed embeddings or its sparse operation kit.
    TensorFlow,
    /// PyTorch with TorchRec.
    TorchRec,
    /// HugeCTR.
    HugeCtr,
}

impl Software {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::TensorFlow, Self::TorchRec, Self::HugeCtr];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::TensorFlow => "tensorflow",
            Self::TorchRec => "torchrec",
            Self::HugeCtr => "hugectr",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|software| software.name() == name)
    }

    /// Fixed time of a step \[s\].
    pub fn step(self, c: &RankingCoefficients) -> f64 {
        match self {
            Self::TensorFlow => c.tensorflow_step,
            Self::TorchRec => c.torchrec_step,
            Self::HugeCtr => c.hugectr_step,
        }
    }
}
