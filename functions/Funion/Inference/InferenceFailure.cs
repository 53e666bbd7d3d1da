namespace Funion.Inference;

/// <summary>Why a job has no result. As large as any result, at the same boundary, so that nobody else can tell.</summary>
public enum InferenceFailure : byte
{
    /// <summary>The input boxes do not hold tensors.</summary>
    Malformed = 1,

    /// <summary>The input is not what the model's card asks for: names, types or shapes.</summary>
    WrongInput = 2,

    /// <summary>The result is larger than the model's output boxes.</summary>
    Oversized = 3,

    /// <summary>The input never came, or the model ran too long.</summary>
    Overrun = 4,

    /// <summary>The model failed on this input.</summary>
    ModelFailed = 5,
}
