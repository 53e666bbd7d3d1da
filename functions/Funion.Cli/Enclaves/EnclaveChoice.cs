using System.CommandLine;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Cli.Enclaves;

/// <summary>The options by which compute offers models through a simulated enclave: of <c>up</c>, of <c>node</c>, and of the document that says so.</summary>
sealed class EnclaveChoice
{
    readonly Option<bool> _simulator = new("--insecure-simulator") { Description = "Models can be asked through an enclave too: a SIMULATED one, which protects nothing." };
    readonly Option<string?> _folder = new("--enclave") { Description = "With --insecure-simulator: the enclave's folder, whose published models are offered; see model publish." };
    readonly bool _needsFolder;

    /// <summary>The options.</summary>
    /// <param name="needsFolder">Whether an enclave of one run is of no use: somebody else's document names it.</param>
    public EnclaveChoice(bool needsFolder) => _needsFolder = needsFolder;

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_simulator);
        command.Options.Add(_folder);
    }

    /// <summary>The folder; null without one.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_folder);

    /// <summary>Whether what was asked for can be; with the enclave's program if there is to be one, or said what is wrong.</summary>
    public bool TryRead(ParseResult parsed, Output output, out string? program, out ExitCode code)
    {
        (program, code) = (null, ExitCode.Ok);
        bool simulator = parsed.GetValue(_simulator);
        if (Folder(parsed) is not null && !simulator)
        {
            code = (ExitCode)output.Error(ExitCode.Usage, "The enclave of --enclave is a simulated one, which protects nothing.", "say that you know: --insecure-simulator");
        }
        else if (simulator && _needsFolder && Folder(parsed) is null)
        {
            code = (ExitCode)output.Error(ExitCode.Usage, "An enclave that a document names has a folder: --enclave DIR.", "see: funion model publish --help");
        }
        else if (simulator && (program = EnclaveProgram.Find(null)) is null)
        {
            code = (ExitCode)output.Error(ExitCode.Failed, "The program Funion.Enclave is not there.", "build it: dotnet build functions/Funion.Enclave -c Release");
        }
        return code == ExitCode.Ok;
    }
}
