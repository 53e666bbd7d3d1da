using Funion.Cli.Enclaves;
using Funion.Client;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Tests.Private.Enclaves;

namespace Funion.Tests.Cli;

/// <summary>A provider's folder over processes: whose it is, what survives in it, what is said of it.</summary>
public sealed class EnclaveFolderTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("funion-folder-").FullName;
    readonly List<string> _notes = [];

    string Folder => Path.Combine(_root, "enclave");

    [Fact]
    public void An_enclave_that_another_process_has_is_said_to_be_in_use_in_one_sentence()
    {
        using (new EnclaveFolder(Folder).Open(EnclaveWorld.Program, _notes.Add))
        {
            List<string> second = [];
            EnclaveInUseException error = Assert.Throws<EnclaveInUseException>(() => new EnclaveFolder(Folder).Open(EnclaveWorld.Program, second.Add));
            Assert.Equal($"Another process has the enclave of {Folder}.", error.Message);
            // Neither a trace nor anything else of the process that could not start.
            Assert.Empty(second);
        }
        new EnclaveFolder(Folder).Open(EnclaveWorld.Program).Dispose();
        File.WriteAllBytes(Path.Combine(Folder, "hardware"), [1, 2, 3]);
        Assert.Contains("stands for its hardware", Assert.Throws<InvalidOperationException>(() => new EnclaveFolder(Folder).Open(EnclaveWorld.Program)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_enclave_and_one_with_no_model_are_said_to_be()
    {
        using (new EnclaveModels(EnclaveWorld.Program, new EnclaveFolder(Folder), Note))
        {
        }
        lock (_notes)
        {
            Assert.Contains($"a new enclave was made in {Folder}", _notes);
            Assert.Contains(_notes, note => note.StartsWith($"no model is published in {Folder}", StringComparison.Ordinal));
            // Whoever shows a note says where it is from.
            Assert.DoesNotContain(_notes, note => note.StartsWith("funion:", StringComparison.Ordinal));
            _notes.Clear();
        }
        using (new EnclaveModels(EnclaveWorld.Program, new EnclaveFolder(Folder), Note))
        {
        }
        lock (_notes)
        {
            Assert.DoesNotContain($"a new enclave was made in {Folder}", _notes);
        }
    }

    [Fact]
    public void With_a_state_folder_identity_and_models_survive_and_another_model_is_another()
    {
        Dictionary<string, IntegerNetwork> networks = new(StringComparer.Ordinal) { ["digits"] = EnclaveWorld.Digits() };
        EnclaveIdentity first = Start(networks), second = Start(networks);
        Assert.Equal((first.SigningKey, first.Model()), (second.SigningKey, second.Model()));
        IntegerLayer[] layers = [.. networks["digits"].Layers];
        int at = Array.FindIndex(layers, layer => layer is LinearLayer);
        LinearLayer linear = (LinearLayer)layers[at];
        long[] bias = [.. linear.Bias!];
        bias[0]++;
        layers[at] = linear with { Bias = bias };
        networks["digits"] = networks["digits"] with { Layers = layers };
        EnclaveIdentity other = Start(networks);
        Assert.Equal(first.SigningKey, other.SigningKey);
        Assert.NotEqual(first.Model(), other.Model());
    }

    [Fact]
    public void Of_runs_that_died_nothing_is_left_after_the_next_and_of_others_everything()
    {
        string prefix = $"funion-test-{Guid.NewGuid():N}-";
        string dead = Directory.CreateTempSubdirectory(prefix).FullName, begun = Directory.CreateTempSubdirectory(prefix).FullName;
        File.WriteAllBytes(Path.Combine(dead, FolderLock.Name), []);
        File.WriteAllBytes(Path.Combine(dead, "hardware"), [1]);
        using RunFolder alive = RunFolder.Make(prefix);
        using (RunFolder another = RunFolder.Make(prefix))
        {
            Assert.Equal((false, true, true, true), (Directory.Exists(dead), Directory.Exists(begun), Directory.Exists(alive.Path), Directory.Exists(another.Path)));
        }
        Assert.Equal(2, Directory.GetDirectories(Path.GetTempPath(), prefix + "*").Length);
        Directory.Delete(begun);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    EnclaveIdentity Start(IReadOnlyDictionary<string, IntegerNetwork> networks)
    {
        using EnclaveModels models = new(EnclaveWorld.Program, networks, Folder);
        return AttestationFile.TryParse(models.Entry("digits")!.Attestation)!.Identity;
    }

    void Note(string note)
    {
        lock (_notes)
        {
            _notes.Add(note);
        }
    }
}
