using System.Security.Cryptography;

namespace Funion.Enclave;

/// <summary>What the simulator calls the measurement: a hash of the assemblies beside this one that are ours. Hardware measures the whole image before any of it runs.</summary>
static class CodeDigest
{
    /// <summary>SHA-256 over names and contents.</summary>
    public static Bytes32 Measure()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in Directory.EnumerateFiles(AppContext.BaseDirectory, "Funion*.dll").Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path)));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }
        return new Bytes32(hash.GetHashAndReset());
    }
}
