namespace Funion.Verification;

/// <summary>Whose arithmetic certified outputs are: the same model answers differently in another.</summary>
public enum SampleForm : byte
{
    /// <summary>The ONNX model in floating point, as compute runs it when it reads the question.</summary>
    Plain = 1,

    /// <summary>The integer network of the modes that hide inputs, two-party and enclave: exact.</summary>
    TwoParty = 2,
}
