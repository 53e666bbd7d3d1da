using Funion;
using Funion.Enclave;
using Funion.Private.Enclaves;

// Two descriptors, one file that stands for the hardware, and nothing else: what comes in on the one is answered on the other.
if (args is not ["--insecure-simulator", string path])
{
    Console.Error.WriteLine("usage: Funion.Enclave --insecure-simulator FILE   (FILE stands for the hardware and protects nothing)");
    return 2;
}
// With diagnostics the runtime listens on a socket through which anybody of the same user dumps and debugs the process.
if (Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") != "0")
{
    Console.Error.WriteLine("funion: DOTNET_EnableDiagnostics must be 0: the runtime's diagnostics are a way in.");
    return 2;
}
using EnclavePipe pipe = new(Console.OpenStandardInput(), Console.OpenStandardOutput());
Platform opened;
try
{
    opened = new Platform(path);
}
catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or InvalidDataException)
{
    // What is not there, or none, has a type of its own; the bare one is another process's hold of the file.
    Refuse(unusable.GetType() == typeof(IOException) ? EnclaveRefusal.InUse : EnclaveRefusal.NoHardware);
    return 4;
}
using Platform platform = opened;
Console.Error.WriteLine("funion: " + SimulatedEvidence.Warning);
Bytes32 code = CodeDigest.Measure();
// Loads and compiles everything there is, and shows that it works, while files can still be opened.
SelfTest.Run();
LockOutcome locked = Seccomp.Lock();
if (locked is LockOutcome.Refused or LockOutcome.UnknownProcessor)
{
    Console.Error.WriteLine($"funion: the enclave does not start, for it cannot be locked up: {locked}.");
    Refuse(EnclaveRefusal.NotLocked);
    return 3;
}
if (locked == LockOutcome.NoSuchThing)
{
    Console.Error.WriteLine("funion: WARNING: THIS PLATFORM HAS NO SECCOMP: THE ENCLAVE CAN STILL OPEN FILES AND SOCKETS.");
}
using EnclaveCore core = new(platform, code, (state, query) =>
{
    pipe.Write(EnclaveMessage.Persist, BitConverter.GetBytes(state.Length), state, query);
    return pipe.TryRead(out EnclaveMessage said, out _) && said == EnclaveMessage.Commit;
});
while (pipe.TryReadInPlace(out EnclaveMessage kind, out ReadOnlySpan<byte> body))
{
    // The body is good until the next message is read, which is when state is kept: by then nothing of it is needed any more.
    (EnclaveMessage answer, byte[] bytes) = core.Handle(kind, body);
    pipe.Write(answer, bytes);
}
return 0;

// Whoever starts it hears why it ends.
void Refuse(EnclaveRefusal why)
{
    if (pipe.TryRead(out _, out _))
    {
        pipe.Write(EnclaveMessage.Refused, [(byte)why]);
    }
}
